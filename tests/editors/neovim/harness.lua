--- Steps and waiting, for scripts that drive one Neovim.

local M = { steps = {} }

--- Waits for something; the text says for what when it never comes.
function M.await(what, is_there)
  assert(vim.wait(60000, is_there, 5), 'waited in vain for ' .. what)
end

function M.same(found, expected, what)
  if not vim.deep_equal(found, expected) then
    error(('%s: found %s, expected %s'):format(what, vim.inspect(found), vim.inspect(expected)), 2)
  end
end

function M.lines()
  return vim.api.nvim_buf_get_lines(0, 0, -1, true)
end

--- The codes of the buffer's diagnostics, in order.
function M.codes()
  local codes = vim.tbl_map(function(one)
    return one.code
  end, vim.diagnostic.get(0))
  table.sort(codes)
  return codes
end

function M.step(name, run)
  table.insert(M.steps, { name = name, run = run })
end

--- Runs the steps and ends Neovim with 0 when all did what they should.
function M.run()
  local failed = 0
  for _, one in ipairs(M.steps) do
    local ok, problem = xpcall(one.run, debug.traceback)
    io.stdout:write(ok and 'ok   ' or 'FAIL ', one.name, '\n')
    if not ok then
      failed = failed + 1
      io.stdout:write(problem, '\n')
    end
  end
  io.stdout:write(('%d steps, %d failed\n'):format(#M.steps, failed))
  os.exit(failed == 0 and 0 or 1)
end

return M
