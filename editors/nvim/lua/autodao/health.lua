--- `:checkhealth autodao`.

local M = {}

local health = vim.health

--- The first server that knows all that this plugin asks for.
local OLDEST = '0.1.0'

local function check_server(command)
  local program = vim.fn.exepath(command[1])
  if program == '' then
    health.error(('`%s` is not in your PATH'):format(command[1]), {
      'cargo install --path server/cli, in the sources of AutoDAO',
      "or set its place: vim.g.autodao = { cmd = { '/path/to/autodao', 'lsp' } }",
    })
    return
  end
  local done = vim.system({ program, '--version' }, { text = true }):wait(10000)
  local version = vim.version.parse(done.stdout or '')
  if done.code ~= 0 or not version then
    health.error(('%s does not say its version'):format(program))
  elseif vim.version.lt(version, OLDEST) then
    health.error(('%s is %s; this plugin needs %s or newer'):format(program, version, OLDEST))
  else
    health.ok(('server found: %s %s'):format(program, version))
  end
end

local function check_clients()
  local clients = vim.lsp.get_clients({ name = 'autodao' })
  if #clients == 0 then
    health.info('no server runs: open a Rust, TypeScript or JavaScript file')
  end
  for _, client in ipairs(clients) do
    health.ok(('a server runs for %s'):format(client.root_dir or 'single files'))
    for _, line in ipairs(require('autodao.status').lines()) do
      health.info(line)
    end
  end
end

function M.check()
  health.start('autodao')
  if vim.fn.has('nvim-0.11') == 1 then
    health.ok(('Neovim %s'):format(vim.version()))
  else
    health.error('Neovim 0.11 or newer is needed')
  end
  local problems = require('autodao.config').problems()
  for _, problem in ipairs(problems) do
    health.error(problem, { ':help autodao-options' })
  end
  if #problems == 0 then
    health.ok('the options are right')
  end
  check_server(require('autodao.config').get().cmd)
  check_clients()
end

return M
