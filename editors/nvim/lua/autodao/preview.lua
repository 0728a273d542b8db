--- `workspace/applyEdit`: edits that the server is not sure of are shown as a diff and wait for an answer.

local window = require('autodao.window')

local M = {}

--- Why an edit is to be confirmed, if it is.
local function reason(edit)
  for _, annotation in pairs(edit.changeAnnotations or {}) do
    if annotation.needsConfirmation then
      return annotation.description or annotation.label
    end
  end
end

--- Whether a document has moved on since the server made the edit. Neovim's own handler then leaves the edit
--- out and says that it was applied.
local function is_outdated(change)
  local document = change.textDocument
  if not document or not document.version or document.version == 0 then
    return false
  end
  local current = vim.lsp.util.buf_versions[vim.uri_to_bufnr(document.uri)]
  return current ~= nil and current > document.version
end

--- The text of a document after its edits.
local function after(change, encoding)
  local original = vim.uri_to_bufnr(change.textDocument.uri)
  vim.fn.bufload(original)
  local before = vim.api.nvim_buf_get_lines(original, 0, -1, true)
  local scratch = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(scratch, 0, -1, true, before)
  vim.lsp.util.apply_text_edits(vim.deepcopy(change.edits), scratch, encoding)
  local lines = vim.api.nvim_buf_get_lines(scratch, 0, -1, true)
  vim.api.nvim_buf_delete(scratch, { force = true })
  return before, lines
end

--- A workspace edit as the lines of a unified diff.
---@return string[]
function M.diff(edit, encoding)
  local lines = {}
  for _, change in ipairs(edit.documentChanges or {}) do
    local uri = change.uri or change.newUri or (change.textDocument and change.textDocument.uri)
    local name = vim.fn.fnamemodify(vim.uri_to_fname(uri), ':~:.')
    if change.kind then
      table.insert(lines, ('%s %s'):format(change.kind, name))
    else
      local before, now = after(change, encoding)
      vim.list_extend(lines, { '--- a/' .. name, '+++ b/' .. name })
      local text = function(of)
        return table.concat(of, '\n') .. '\n'
      end
      local hunks = vim.diff(text(before), text(now), { ctxlen = 3 })
      vim.list_extend(lines, vim.split(vim.trim(hunks), '\n'))
    end
  end
  return lines
end

--- Shows an edit and waits, in the coroutine it is called in, for what the user says.
---@return boolean
local function confirm(params, why, encoding)
  local routine = assert(coroutine.running())
  local lines = M.diff(params.edit, encoding)
  local buffer, id = window.open(lines, {
    title = ('%s: %s'):format(params.label or 'AutoDAO', why),
    footer = 'y apply · q discard',
    filetype = 'diff',
  })
  local answer = false
  vim.api.nvim_create_autocmd('BufWipeout', {
    buffer = buffer,
    once = true,
    callback = vim.schedule_wrap(function()
      coroutine.resume(routine, answer)
    end),
  })
  for _, key in ipairs({ 'y', '<CR>' }) do
    vim.keymap.set('n', key, function()
      answer = true
      vim.api.nvim_win_close(id, true)
    end, { buffer = buffer, nowait = true, desc = 'Apply the edit' })
  end
  return coroutine.yield()
end

--- The handler.
function M.on_apply_edit(_, params, context)
  local client = assert(vim.lsp.get_client_by_id(context.client_id))
  local why = reason(params.edit)
  if why and not confirm(params, why, client.offset_encoding) then
    return { applied = false, failureReason = 'discarded' }
  end
  for _, change in ipairs(params.edit.documentChanges or {}) do
    if is_outdated(change) then
      return { applied = false, failureReason = 'the text has changed' }
    end
  end
  local ok, problem = pcall(vim.lsp.util.apply_workspace_edit, params.edit, client.offset_encoding)
  return { applied = ok, failureReason = not ok and tostring(problem) or nil }
end

return M
