--- Keys of models. They are handed to the server and kept nowhere here.

local M = {}

local function say(text, level)
  vim.notify('AutoDAO: ' .. text, level or vim.log.levels.INFO)
end

--- The client, if there is one and a model was named.
local function for_model(model)
  local client = require('autodao').client()
  if not client then
    say('no server runs', vim.log.levels.WARN)
  elseif model == '' then
    say('which model?', vim.log.levels.WARN)
  else
    return client
  end
end

--- Asks the user for a key, without showing it, and hands it over. It is sent to the model's URL
--- only, which is asked for where the options do not have it.
---@param model string
function M.ask(model)
  local client = for_model(model)
  if not client then
    return
  end
  local settings = require('autodao.config').get().settings
  local url = vim.tbl_get(settings, 'ai', 'models', model, 'url')
    or vim.fn.input(('URL of %s: '):format(model))
  local key = url ~= '' and vim.fn.inputsecret(('Key of %s: '):format(model)) or ''
  if key == '' then
    return
  end
  client:request('autodao/setKey', { model = model, url = url, key = key }, function(problem)
    if problem then
      say(('the key of %s is not taken: %s'):format(model, problem.message), vim.log.levels.ERROR)
    else
      say(('the key of %s is set until the server ends'):format(model))
    end
  end)
end

--- Has the server forget a key.
---@param model string
function M.clear(model)
  local client = for_model(model)
  if not client then
    return
  end
  client:request('autodao/clearKey', { model = model }, function(problem)
    say(problem and problem.message or ('the key of %s is cleared'):format(model))
  end)
end

return M
