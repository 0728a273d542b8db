--- Restarts: when the user asks, and when the server has crashed.

local M = {}

--- A server that crashed so often in so many seconds is not started any more.
local MOST, SECONDS = 4, 180

local crashes = {} ---@type integer[] When, in seconds.

--- Starts the server for the buffers that are open.
local function start()
  vim.lsp.enable('autodao', false)
  vim.lsp.enable('autodao')
end

--- Stops the servers and starts them anew when they have ended.
function M.now()
  crashes = {}
  for _, client in ipairs(vim.lsp.get_clients({ name = 'autodao' })) do
    client:stop()
  end
  local timer = assert(vim.uv.new_timer())
  local function look()
    local left = vim.lsp.get_clients({ name = 'autodao', _uninitialized = true })
    if #left == 0 and not timer:is_closing() then
      timer:close()
      start()
    end
  end
  timer:start(0, 20, vim.schedule_wrap(look))
end

--- A server has ended.
function M.on_exit(code, signal)
  if vim.v.exiting ~= vim.NIL or (code == 0 and signal == 0) then
    return
  end
  local now = os.time()
  crashes = vim.tbl_filter(function(at)
    return now - at < SECONDS
  end, crashes)
  table.insert(crashes, now)
  local how = signal ~= 0 and ('by signal %d'):format(signal) or ('with %d'):format(code)
  vim.schedule(function()
    if #crashes > MOST then
      local text = 'AutoDAO: the server ended %s again and is not restarted; see `:Autodao log`'
      vim.notify(text:format(how), vim.log.levels.ERROR)
    else
      vim.notify(('AutoDAO: the server ended %s and is restarted'):format(how), vim.log.levels.WARN)
      start()
    end
  end)
end

return M
