-- The server, as Neovim's own client starts it: `vim.lsp.enable('autodao')`.

local config = require('autodao.config').get()

local markers = { 'autodao.toml', 'Cargo.toml', 'package.json', '.git' }

--- What configures the server, and the templates: it says what is wrong in them while they are
--- written. Other files of these types are none of its business.
local configures = {
  '/autodao%.toml$',
  '/autodao/config%.toml$',
  '/autodao/rules/[^/]+%.scm$',
  '/autodao/templates/[^/]+/SKILL%.md$',
  '/autodao/templates/[^/]+/template%.toml$',
  '/autodao/templates/[^/]+/tests/[^/]+%.toml$',
  '/autodao/templates/[^/]+/prompt%.mj$',
  '/autodao/templates/templates%.lock$',
}
local types = { 'toml', 'query', 'scheme', 'markdown', 'jinja' }
vim.filetype.add({
  pattern = {
    ['.*/autodao/templates/[^/]+/prompt%.mj'] = 'jinja',
    ['.*/autodao/templates/templates%.lock'] = 'toml',
  },
})

local function is_configuration(path)
  return vim.iter(configures):any(function(pattern)
    return path:find(pattern) ~= nil
  end)
end

---@type vim.lsp.Config
return {
  cmd = config.cmd,
  filetypes = vim.list_extend(vim.list_slice(config.filetypes), types),
  root_dir = function(buffer, start)
    local is_code = vim.list_contains(config.filetypes, vim.bo[buffer].filetype)
    if is_code or is_configuration(vim.fs.normalize(vim.api.nvim_buf_get_name(buffer))) then
      start(vim.fs.root(buffer, markers))
    end
  end,
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
