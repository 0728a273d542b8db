--- `:Autodao <sub>`.

local window = require('autodao.window')

local M = {}

---@class autodao.Subcommand
---@field about string
---@field run fun(arguments: string, range: vim.api.keyset.create_user_command.command_args)
---@field words? fun(): string[] What may follow.

local function say(text, level)
  vim.notify('AutoDAO: ' .. text, level or vim.log.levels.INFO)
end

---@return vim.lsp.Client?
local function client()
  local found = require('autodao').client()
  if not found then
    say('no server runs; `:checkhealth autodao` says why', vim.log.levels.WARN)
  end
  return found
end

--- Runs a command of the server. Its answer comes when the edit has ended.
local function execute(command, arguments, then_)
  local found = client()
  if not found then
    return
  end
  found:exec_cmd({ title = command, command = command, arguments = arguments }, {}, function(problem, result)
    if problem then
      say(problem.message, vim.log.levels.WARN)
    elseif then_ then
      then_(result)
    end
  end)
end

--- Asks for an edit by a template, where the cursor is or at the lines given.
local function act(template, instruction, args)
  local found = client()
  if not found then
    return
  end
  local range = vim.lsp.util.make_range_params(0, found.offset_encoding).range
  if args.range > 0 then
    local last = vim.api.nvim_buf_get_lines(0, args.line2 - 1, args.line2, true)[1]
    local from, to = { args.line1, 0 }, { args.line2, math.max(#last - 1, 0) }
    range = vim.lsp.util.make_given_range_params(from, to, 0, found.offset_encoding).range
  end
  local uri = vim.uri_from_bufnr(0)
  execute('autodao.act', { { uri = uri, range = range, template = template, instruction = instruction } })
end

--- The menu of what can be asked of a model here.
local function menu()
  vim.lsp.buf.code_action({
    filter = function(action)
      local command = type(action.command) == 'table' and action.command.command or action.command
      return command == 'autodao.act'
    end,
  })
end

local function cancel()
  local stopped = 0
  for _, one in ipairs(vim.lsp.get_clients({ name = 'autodao' })) do
    for token in pairs(one.progress.pending) do
      one:notify('window/workDoneProgress/cancel', { token = token })
      stopped = stopped + 1
    end
  end
  if stopped == 0 then
    say('nothing is under way')
  end
end

local function usage()
  local found = client()
  if not found then
    return
  end
  found:request('autodao/usage', vim.empty_dict(), function(problem, report)
    if problem then
      return say(problem.message, vim.log.levels.WARN)
    end
    window.open(require('autodao.report').lines(report), { title = 'AutoDAO: usage', filetype = 'markdown' })
  end)
end

local function explain()
  execute('autodao.explainLast', nil, function(text)
    if type(text) ~= 'string' then
      return say('no AI edit was made in this session')
    end
    window.open(vim.split(text, '\n'), { title = 'AutoDAO: the last edit', filetype = 'markdown' })
  end)
end

local function ask(instruction, args)
  if instruction ~= '' then
    return act('custom-instruction', instruction, args)
  end
  vim.ui.input({ prompt = 'What is to be done: ' }, function(words)
    if words and words ~= '' then
      act('custom-instruction', words, args)
    end
  end)
end

local function models()
  local known = vim.tbl_get(require('autodao.config').get().settings, 'ai', 'models') or {}
  return vim.tbl_keys(known)
end

---@type table<string, autodao.Subcommand>
M.subcommands = {
  act = {
    about = 'ask for an edit: of a template, or chosen from a menu',
    run = function(template, args)
      if template == '' then
        menu()
      else
        act(template, '', args)
      end
    end,
    words = function()
      return {
        'add-error-handling',
        'add-types',
        'document',
        'explain-finding',
        'fix-finding',
        'optimise',
        'refactor',
        'simplify',
        'write-tests',
      }
    end,
  },
  ask = { about = 'ask for an edit in your own words', run = ask },
  cancel = { about = 'stop what is under way', run = cancel },
  undo = {
    about = 'take the last AI edit back',
    run = function()
      execute('autodao.undoLast')
    end,
  },
  retry = {
    about = 'ask for the last edit once more',
    run = function()
      execute('autodao.retry')
    end,
  },
  explain = { about = 'all about the last edit', run = explain },
  usage = { about = 'what edits took and cost today', run = usage },
  status = {
    about = 'the token meter in full',
    run = function()
      say(table.concat(require('autodao.status').lines(), '\n'))
    end,
  },
  key = {
    about = 'hand the key of a model to the server',
    run = function(model)
      require('autodao.keys').ask(model)
    end,
    words = models,
  },
  clearkey = {
    about = 'have the server forget a key',
    words = models,
    run = function(model)
      require('autodao.keys').clear(model)
    end,
  },
  restart = {
    about = 'restart the server',
    run = function()
      require('autodao.restart').now()
    end,
  },
  log = {
    about = 'open the log of language servers',
    run = function()
      vim.cmd.tabedit(vim.fn.fnameescape(vim.lsp.get_log_path()))
    end,
  },
  info = {
    about = 'what to say in a bug report',
    run = function()
      vim.cmd.checkhealth('autodao')
    end,
  },
}

--- Runs what was typed.
function M.run(args)
  local name, rest = args.args:match('^(%S*)%s*(.-)%s*$')
  local one = M.subcommands[name]
  if not one then
    local words = table.concat(M.complete('', 'Autodao '), ', ')
    return say(('there is no `:Autodao %s`; there are %s'):format(name, words), vim.log.levels.WARN)
  end
  one.run(rest, args)
end

--- Completes a subcommand, or what follows it.
---@return string[]
function M.complete(lead, line)
  local name = line:match('Autodao%s+(%S+)%s')
  local words = vim.tbl_keys(M.subcommands)
  if name then
    local one = M.subcommands[name]
    words = one and one.words and one.words() or {}
  end
  table.sort(words)
  return vim.tbl_filter(function(word)
    return vim.startswith(word, lead)
  end, words)
end

return M
