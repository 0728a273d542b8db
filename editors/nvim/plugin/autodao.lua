-- The command, the maps, and the start. What they do is loaded when it is asked for.

if vim.g.loaded_autodao then
  return
end
vim.g.loaded_autodao = true

if vim.fn.has('nvim-0.11') == 0 then
  vim.notify('AutoDAO needs Neovim 0.11 or newer', vim.log.levels.ERROR)
  return
end

vim.api.nvim_create_user_command('Autodao', function(args)
  require('autodao.commands').run(args)
end, {
  nargs = '+',
  range = true,
  desc = 'AutoDAO',
  complete = function(lead, line)
    return require('autodao.commands').complete(lead, line)
  end,
})

for _, name in ipairs({ 'act', 'ask', 'cancel', 'explain', 'retry', 'status', 'undo', 'usage' }) do
  vim.keymap.set({ 'n', 'x' }, ('<Plug>(autodao-%s)'):format(name), function()
    local is_visual = vim.fn.mode():match('^[vV\22]')
    local range = is_visual and vim.api.nvim_replace_termcodes(":<C-u>'<,'>", true, false, true) or ':'
    vim.api.nvim_feedkeys(range .. 'Autodao ' .. name .. '\r', 'n', false)
  end, { desc = 'AutoDAO: ' .. name })
end

-- A statusline is not drawn anew by itself when a server has something to say.
local group = vim.api.nvim_create_augroup('autodao', {})
vim.api.nvim_create_autocmd({ 'LspAttach', 'LspDetach', 'LspProgress', 'DiagnosticChanged' }, {
  group = group,
  command = 'redrawstatus',
})
vim.api.nvim_create_autocmd('User', { group = group, pattern = 'AutodaoStatus', command = 'redrawstatus' })

if require('autodao.config').get().enable then
  vim.lsp.enable('autodao')
end
