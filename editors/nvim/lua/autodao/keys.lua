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

--- Hands a key to the server.
---@param client vim.lsp.Client
---@param model string
---@param key string
function M.send(client, model, key)
  client:request('autodao/setKey', { model = model, key = key }, function(problem)
    if problem then
      say(('the key of %s was not taken: %s'):format(model, problem.message), vim.log.levels.ERROR)
    end
  end)
end

--- Asks the user for a key, without showing it, and hands it over.
---@param model string
function M.ask(model)
  local client = for_model(model)
  if not client then
    return
  end
  local key = vim.fn.inputsecret(('Key of %s: '):format(model))
  if key ~= '' then
    M.send(client, model, key)
  end
end

--- Has the server forget a key.
---@param model string
function M.clear(model)
  local client = for_model(model)
  if not client then
    return
  end
  client:request('autodao/clearKey', { model = model }, function(problem)
    say(problem and problem.message or ('the key of %s is forgotten'):format(model))
  end)
end

--- Runs the commands of the option `keys` and hands over what they print.
---@param client vim.lsp.Client
function M.send_all(client)
  for model, command in pairs(require('autodao.config').get().keys) do
    vim.system(command, { text = true }, function(done)
      local key = vim.trim(done.stdout or '')
      vim.schedule(function()
        if done.code ~= 0 or key == '' then
          say(('the command for the key of %s ended with %d'):format(model, done.code), vim.log.levels.WARN)
        else
          M.send(client, model, key)
        end
      end)
    end)
  end
end

return M
