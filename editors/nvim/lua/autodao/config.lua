--- What the user set in `vim.g.autodao`, with the defaults.

local M = {}

---@class autodao.Config
---@field cmd string[] The server and its arguments.
---@field filetypes string[] Where it is started.
---@field enable boolean Whether the plugin enables the server. Without it, `vim.lsp.enable('autodao')` does.
---@field settings table The keys of `autodao.toml`.

---@type autodao.Config
local defaults = {
  cmd = { 'autodao', 'lsp' },
  filetypes = { 'rust', 'typescript', 'typescriptreact', 'javascript', 'javascriptreact' },
  enable = true,
  settings = vim.empty_dict(),
}

local function is_words(value)
  return vim.islist(value)
    and #value > 0
    and vim.iter(value):all(function(word)
      return type(word) == 'string'
    end)
end

--- By name: what it has to be, and how that is found out.
local known = {
  cmd = { 'a list of strings', is_words },
  filetypes = { 'a list of strings', is_words },
  enable = {
    'a boolean',
    function(value)
      return type(value) == 'boolean'
    end,
  },
  settings = {
    'a table',
    function(value)
      return type(value) == 'table'
    end,
  },
}

local function user()
  local set = vim.g.autodao
  if type(set) == 'function' then
    set = set()
  end
  return set == nil and {} or set
end

--- What is wrong with `vim.g.autodao`, a line each.
---@return string[]
function M.problems()
  local set = user()
  if type(set) ~= 'table' then
    return { 'vim.g.autodao must be a table, or a function that returns one' }
  end
  local found = {}
  for name, value in vim.spairs(set) do
    local one = known[name]
    if not one then
      table.insert(found, ('there is no option `%s`'):format(name))
    elseif not one[2](value) then
      table.insert(found, ('`%s` must be %s'):format(name, one[1]))
    end
  end
  return found
end

--- The configuration. What is not as it must be is left at its default.
---@return autodao.Config
function M.get()
  local set = user()
  local config = vim.deepcopy(defaults)
  for name, one in pairs(known) do
    local value = type(set) == 'table' and set[name] or nil
    if value ~= nil and one[2](value) then
      config[name] = value
    end
  end
  if type(set) == 'table' and set.enable == false then
    config.enable = false
  end
  if vim.tbl_isempty(config.settings) then
    config.settings = vim.empty_dict()
  end
  return config
end

return M
