--- Floating windows for text to read.

local M = {}

---@class autodao.WindowOptions
---@field title string
---@field footer? string
---@field filetype string

--- Opens a window with lines. `q` and `<Esc>` close it.
---@param lines string[]
---@param options autodao.WindowOptions
---@return integer buffer
---@return integer window
function M.open(lines, options)
  local buffer = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(buffer, 0, -1, true, lines)
  vim.bo[buffer].modifiable = false
  vim.bo[buffer].bufhidden = 'wipe'
  vim.bo[buffer].filetype = options.filetype
  local widest = vim.fn.strdisplaywidth(options.title) + 4
  for _, line in ipairs(lines) do
    widest = math.max(widest, vim.fn.strdisplaywidth(line))
  end
  local width = math.max(20, math.min(widest + 1, vim.o.columns - 6))
  local height = math.max(1, math.min(#lines, vim.o.lines - 6))
  local window = vim.api.nvim_open_win(buffer, true, {
    relative = 'editor',
    row = math.floor((vim.o.lines - height) / 2) - 1,
    col = math.floor((vim.o.columns - width) / 2),
    width = width,
    height = height,
    style = 'minimal',
    border = 'rounded',
    title = (' %s '):format(options.title),
    footer = options.footer and (' %s '):format(options.footer) or nil,
  })
  vim.wo[window].wrap = options.filetype == 'markdown'
  for _, key in ipairs({ 'q', '<Esc>' }) do
    vim.keymap.set('n', key, function()
      if vim.api.nvim_win_is_valid(window) then
        vim.api.nvim_win_close(window, true)
      end
    end, { buffer = buffer, nowait = true, desc = 'Close' })
  end
  return buffer, window
end

return M
