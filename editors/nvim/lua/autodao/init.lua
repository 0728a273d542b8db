--- AutoDAO in Neovim. Nothing here has to be called: the plugin starts the server by itself.

local M = {}

--- Sets options, as `vim.g.autodao` does, also after the start.
---@param options? table
function M.setup(options)
  vim.g.autodao = vim.tbl_deep_extend('force', vim.g.autodao or {}, options or {})
  local config = require('autodao.config').get()
  vim.lsp.config('autodao', {
    cmd = config.cmd,
    filetypes = config.filetypes,
    settings = { autodao = config.settings },
    init_options = { status = true, settings = config.settings },
  })
  vim.lsp.enable('autodao', config.enable)
end

--- For a statusline: what AI edits took in this session, or nothing where no server runs.
---@return string
function M.status()
  return require('autodao.status').line()
end

--- The client of a buffer.
---@param buffer? integer
---@return vim.lsp.Client?
function M.client(buffer)
  return vim.lsp.get_clients({ bufnr = buffer or 0, name = 'autodao' })[1]
    or vim.lsp.get_clients({
      name = 'autodao',
    })[1]
end

return M
