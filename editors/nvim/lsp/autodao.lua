-- The server, as Neovim's own client starts it: `vim.lsp.enable('autodao')`.

local config = require('autodao.config').get()

---@type vim.lsp.Config
return {
  cmd = config.cmd,
  filetypes = config.filetypes,
  root_markers = { 'autodao.toml', 'Cargo.toml', 'package.json', '.git' },
  settings = { autodao = config.settings },
  init_options = { status = true, settings = config.settings },
  -- Edits that the server wants to be looked at are shown by `autodao.preview`.
  capabilities = {
    workspace = {
      workspaceEdit = { documentChanges = true, changeAnnotationSupport = { groupsOnLabel = false } },
    },
  },
  handlers = {
    ['workspace/applyEdit'] = function(...)
      return require('autodao.preview').on_apply_edit(...)
    end,
    ['autodao/status'] = function(...)
      return require('autodao.status').on_status(...)
    end,
  },
  on_exit = function(code, signal, client)
    require('autodao.status').on_exit(client)
    require('autodao.restart').on_exit(code, signal)
  end,
}
