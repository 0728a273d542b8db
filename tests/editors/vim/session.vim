" Vim with ALE: findings and one fix.
"   AUTODAO=<program> SCRATCH=<folder> vim -Nes -u NONE -i NONE -S session.vim

set nocompatible noswapfile hidden encoding=utf-8
scriptencoding utf-8
set runtimepath^=/usr/share/vim-ale
let g:ale_linters_explicit = 1
let g:ale_linters = {'rust': ['autodao']}
let g:ale_lint_delay = 20
filetype plugin on
runtime plugin/ale.vim

func! s:Say(text) abort
  call writefile([a:text], '/dev/stdout', 'a')
endfunc

func! s:Findings() abort
  return map(copy(ale#engine#GetLoclist(bufnr(''))), 'v:val.text')
endfunc

func! s:Await(what, is_there) abort
  for turn in range(2400)
    if a:is_there()
      return s:Say('ok   ' . a:what)
    endif
    sleep 25m
  endfor
  call s:Say('FAIL ' . a:what . ': ' . string(getline(1, '$')) . string(s:Findings()) . execute('messages'))
  cquit
endfunc

call ale#linter#Define('rust', {
\ 'name': 'autodao',
\ 'lsp': 'stdio',
\ 'executable': $AUTODAO,
\ 'command': '%e lsp',
\ 'project_root': {buffer -> $SCRATCH},
\ 'language': 'rust',
\})

call writefile(['fn f(a: u8) -> u8 {', '    dbg!(a)', '}'], $SCRATCH . '/plain.rs')
execute 'edit ' . fnameescape($SCRATCH . '/plain.rs')
call ale#Queue(0)
call s:Await('a finding is shown', {-> s:Findings() ==# ['`dbg!` is left in']})

" The menu asks with inputlist(), which a script cannot answer: its callback is called with the choices.
func! Choose(data, choices) abort
  for choice in a:choices
    let l:action = choice[1]
    if l:action.title ==# 'Unwrap the `dbg!`'
      return ale#codefix#ApplyLSPCodeAction(a:data, l:action)
    endif
  endfor
  call s:Say('FAIL no such action in ' . string(a:choices))
  cquit
endfunc

call cursor(2, 6)
call ale#codefix#Execute(0, function('Choose'))
call s:Await('a fix is applied', {-> getline(2) ==# '    a'})
call ale#Queue(0)
call s:Await('the finding goes', {-> empty(s:Findings())})
qall!
