-- One session in Neovim: open, look, fix, undo. Run by tests/neovim.rs as
--   AUTODAO=<program> nvim --clean --headless -l session.lua <folder>
-- Exits with 0 when every step did what it should.

local folder = assert(_G.arg[1], 'a folder for the files is missing')
local program = assert(vim.env.AUTODAO, 'AUTODAO names the program')

vim.opt.swapfile = false
vim.filetype.add({ extension = { rs = 'rust' } })

vim.lsp.config(
  'autodao',
  { cmd = { program, 'lsp' }, filetypes = { 'rust', 'javascript' }, root_dir = folder }
)
vim.lsp.enable('autodao')
vim.cmd('filetype plugin on')

--- Waits for something; the text says for what when it never comes.
local function await(what, is_there)
  assert(vim.wait(60000, is_there, 5), 'waited in vain for ' .. what)
end

local function same(found, expected, what)
  if not vim.deep_equal(found, expected) then
    error(('%s: found %s, expected %s'):format(what, vim.inspect(found), vim.inspect(expected)), 2)
  end
end

local function lines()
  return vim.api.nvim_buf_get_lines(0, 0, -1, true)
end

--- Writes a file and opens it.
local function open(name, content)
  local path = vim.fs.joinpath(folder, name)
  vim.fn.writefile(content, path)
  vim.cmd.edit(vim.fn.fnameescape(path))
  await('a client for ' .. name, function()
    return #vim.lsp.get_clients({ bufnr = 0, name = 'autodao' }) == 1
  end)
end

--- Waits until the diagnostics of the buffer are those of these rules, in order. Returns them.
local function diagnostics(rules)
  local found
  local is_it = function()
    found = vim.diagnostic.get(0)
    table.sort(found, function(a, b)
      return a.lnum < b.lnum or (a.lnum == b.lnum and a.col < b.col)
    end)
    return vim.deep_equal(
      vim.tbl_map(function(one)
        return one.code
      end, found),
      rules
    )
  end
  if not vim.wait(60000, is_it, 5) then
    error('expected ' .. vim.inspect(rules) .. ', found ' .. vim.inspect(found), 2)
  end
  return found
end

--- Chooses an action at a place of the buffer: line from 1, byte column from 0.
local function choose(line, column, title, only)
  -- A script types nothing, so nothing else ends what one undo takes back.
  vim.o.undolevels = vim.o.undolevels
  vim.api.nvim_win_set_cursor(0, { line, column })
  local before = vim.b.changedtick
  vim.lsp.buf.code_action({
    apply = true,
    context = only and { only = only, diagnostics = {} } or nil,
    filter = function(action)
      return action.title == title
    end,
  })
  await('the edit of ' .. title, function()
    return vim.b.changedtick ~= before
  end)
end

local steps = {}
local function step(name, run)
  table.insert(steps, { name = name, run = run })
end

step('diagnostics come with byte columns', function()
  open('plain.rs', { 'fn f(a: u8) -> u8 {', '    dbg!(a)', '}' })
  local client = vim.lsp.get_clients({ bufnr = 0 })[1]
  same(client.offset_encoding, 'utf-8', 'the encoding')
  local found = diagnostics({ 'debug-left' })[1]
  same({ found.lnum, found.col, found.end_col, found.source }, { 1, 4, 11, 'autodao' }, 'the diagnostic')
  same(found.severity, vim.diagnostic.severity.INFO, 'its severity')
end)

step('a quick fix changes the buffer and one undo takes it back', function()
  local before = lines()
  choose(2, 6, 'Unwrap the `dbg!`')
  same(lines(), { 'fn f(a: u8) -> u8 {', '    a', '}' }, 'the fixed text')
  diagnostics({})
  vim.cmd.undo()
  same(lines(), before, 'the text after undo')
  diagnostics({ 'debug-left' })
end)

step('characters outside the BMP before a finding move nothing', function()
  open('wide.rs', { 'fn f(a: u8) -> u8 {', '    /* 😀𝒳é */ dbg!(a) /* 😀 */', '}' })
  local found = diagnostics({ 'debug-left' })[1]
  local at = assert(lines()[2]:find('dbg!', 1, true)) - 1
  same({ found.col, found.end_col }, { at, at + 7 }, 'the columns')
  choose(2, at, 'Unwrap the `dbg!`')
  same(lines()[2], '    /* 😀𝒳é */ a /* 😀 */', 'the fixed line')
  vim.cmd.undo()
  same(lines()[2], '    /* 😀𝒳é */ dbg!(a) /* 😀 */', 'the line after undo')
  diagnostics({ 'debug-left' })
end)

step('typing is followed', function()
  vim.api.nvim_buf_set_text(0, 1, 7, 1, 11, { '漢', '  ' })
  local at = assert(lines()[3]:find('dbg!', 1, true)) - 1
  await('the diagnostic at its new place', function()
    local found = vim.diagnostic.get(0)[1]
    return found ~= nil and found.lnum == 2 and found.col == at
  end)
  vim.api.nvim_buf_set_lines(0, 0, -1, true, { 'fn g() {}' })
  diagnostics({})
end)

step('fix all is resolved, applied and undone in one step', function()
  local text = {
    'fn f(a: bool) {',
    '    // 😀',
    '    if a {',
    '        if b {',
    '            c();',
    '            dbg!(a);',
    '        }',
    '    }',
    '}',
  }
  open('many.rs', text)
  diagnostics({ 'collapsible-if', 'debug-left' })
  choose(1, 0, 'Fix all that AutoDAO can fix safely in this file', { 'source.fixAll' })
  same(
    lines(),
    { 'fn f(a: bool) {', '    // 😀', '    if a && b {', '        c();', '    }', '}' },
    'the fixed text'
  )
  diagnostics({})
  vim.cmd.undo()
  same(lines(), text, 'the text after undo')
end)

step('an allow comment keeps CRLF', function()
  local path = vim.fs.joinpath(folder, 'crlf.rs')
  local file = assert(io.open(path, 'wb'))
  file:write('fn f() {\r\n\ta.unwrap();\r\n}\r\n')
  file:close()
  vim.cmd.edit(path)
  same(vim.bo.fileformat, 'dos', 'the file format')
  diagnostics({ 'unwrap-used' })
  choose(2, 3, 'Allow `unwrap-used` here')
  diagnostics({})
  vim.cmd.write()
  local written = assert(io.open(path, 'rb'))
  same(
    written:read('a'),
    'fn f() {\r\n\t// autodao: allow(unwrap-used)\r\n\ta.unwrap();\r\n}\r\n',
    'the bytes written'
  )
  written:close()
end)

step('a change of the configuration is heard when it is saved', function()
  open('configured.rs', { 'fn f() { a.unwrap(); }' })
  diagnostics({ 'unwrap-used' })
  local code = vim.api.nvim_get_current_buf()
  vim.lsp.config('autodao', { filetypes = { 'rust', 'javascript', 'toml' } })
  open('autodao.toml', { '[rules]', 'unwrap-use = "off"' })
  same(diagnostics({ 'configuration' })[1].lnum, 1, 'the line of the mistake')
  choose(2, 3, 'Change to `unwrap-used`')
  diagnostics({})
  vim.cmd.write()
  vim.cmd.buffer(code)
  diagnostics({})
end)

step('a stopped client ends its server', function()
  local client = vim.lsp.get_clients({ name = 'autodao' })[1]
  client:stop()
  await('the server to end', function()
    return client:is_stopped()
  end)
end)

local failed = 0
for _, one in ipairs(steps) do
  local ok, problem = xpcall(one.run, debug.traceback)
  io.stdout:write(ok and 'ok   ' or 'FAIL ', one.name, '\n')
  if not ok then
    failed = failed + 1
    io.stdout:write(problem, '\n')
  end
end
os.exit(failed == 0 and 0 or 1)
