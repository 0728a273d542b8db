--- The token meter: what the server says of tokens and money, in a line and in full.

local M = {}

--- By client, the last `autodao/status`.
local known = {} ---@type table<integer, table>

local function redraw()
  vim.api.nvim_exec_autocmds('User', { pattern = 'AutodaoStatus', modeline = false })
end

function M.on_status(_, params, context)
  known[context.client_id] = params
  redraw()
end

function M.on_exit(client)
  known[client] = nil
  vim.schedule(redraw)
end

local function last()
  local client = require('autodao').client()
  return client, client and known[client.id]
end

---@param count integer
local function short(count)
  if count < 1000 then
    return tostring(count)
  end
  return count < 1e6 and ('%.1fk'):format(count / 1e3) or ('%.1fM'):format(count / 1e6)
end

---@param micros integer Millionths of a US dollar.
local function dollars(micros)
  return ('$%.4f'):format(micros / 1e6)
end

--- In a line.
---@return string
function M.line()
  local client, status = last()
  if not client then
    return ''
  end
  if not status then
    return 'autodao'
  end
  local text = ('autodao %s tok'):format(short(status.session.tokens))
  if status.session.costMicros > 0 then
    text = ('%s %s'):format(text, dollars(status.session.costMicros))
  end
  return status.running > 0 and ('%s …%d'):format(text, status.running) or text
end

--- In full, as lines.
---@return string[]
function M.lines()
  local client, status = last()
  if not client then
    return { 'AutoDAO: no server runs for this buffer' }
  end
  if not status then
    return { 'AutoDAO: the server runs; it told nothing of tokens' }
  end
  local function sums(what, of)
    return ('%s: %d edits, %d tokens, %s'):format(what, of.edits, of.tokens, dollars(of.costMicros))
  end
  local lines = {
    ('model: %s'):format(status.model or 'none'),
    sums('session', status.session),
    sums('today', status.day),
  }
  if status.ratio then
    table.insert(lines, ('whole files would have taken %.1f times the tokens'):format(status.ratio))
  end
  for _, period in ipairs({ 'day', 'month' }) do
    local budget = status.budget and status.budget[period]
    if budget then
      table.insert(lines, ('%s: %s of %s'):format(period, dollars(budget.spent), dollars(budget.limit)))
    end
    local tokens = status.budget and status.budget[period .. 'Tokens']
    if tokens then
      table.insert(lines, ('%s: %d of %d tokens'):format(period, tokens.spent, tokens.limit))
    end
  end
  return lines
end

return M
