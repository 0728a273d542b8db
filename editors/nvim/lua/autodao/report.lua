--- The ledger's report as a table.

local M = {}

local function dollars(micros)
  return ('$%.4f'):format(micros / 1e6)
end

local function share(value)
  return type(value) == 'table' and ('%.0f %%'):format(value.value * 100) or '-'
end

--- Pads the cells of rows to columns.
local function aligned(rows)
  local widths = {}
  for _, row in ipairs(rows) do
    for at, cell in ipairs(row) do
      widths[at] = math.max(widths[at] or 0, vim.fn.strdisplaywidth(cell))
    end
  end
  local lines = {}
  for _, row in ipairs(rows) do
    local cells = {}
    for at, cell in ipairs(row) do
      local padding = (' '):rep(widths[at] - vim.fn.strdisplaywidth(cell))
      cells[at] = at == 1 and cell .. padding or padding .. cell
    end
    table.insert(lines, '| ' .. table.concat(cells, ' | ') .. ' |')
  end
  local rule = vim.iter(widths):map(function(width)
    return ('-'):rep(width + 2)
  end)
  table.insert(lines, 2, '|' .. rule:join('|') .. '|')
  return lines
end

--- A report, as `autodao/usage` answers it, in lines of Markdown.
---@param report table
---@return string[]
function M.lines(report)
  local rows = { { report.by, 'edits', 'tokens', 'cost', 'accepted' } }
  local function row(name, sums)
    table.insert(rows, {
      name,
      tostring(sums.edits),
      tostring(sums.tokens),
      dollars(sums.cost_micros),
      share(sums.acceptance),
    })
  end
  for _, one in ipairs(report.rows) do
    row(one.key, one.summary)
  end
  row('all', report.total)
  local lines = { ('# %s to %s'):format(report.first, report.last), '' }
  vim.list_extend(lines, aligned(rows))
  if type(report.total.ratio) == 'number' then
    local text = 'Whole files would have taken %.1f times the tokens.'
    vim.list_extend(lines, { '', text:format(report.total.ratio) })
  end
  return lines
end

return M
