-- The plugin in a Neovim without a screen:
--   AUTODAO=<program> PROVIDER=<url> nvim --clean --headless -l plugin.lua <folder>

local here = vim.fs.dirname(vim.fs.abspath(debug.getinfo(1, 'S').source:sub(2)))
package.path = here .. '/?.lua;' .. package.path
local harness = require('harness')
local await, same, lines, codes, step =
  harness.await, harness.same, harness.lines, harness.codes, harness.step

local folder = assert(_G.arg[1], 'a folder for the files is missing')
local program = assert(vim.env.AUTODAO, 'AUTODAO names the program')
local provider = assert(vim.env.PROVIDER, 'PROVIDER is the address of a model')
local plugin = vim.fs.joinpath(here, '../../../editors/nvim')

vim.opt.swapfile = false
vim.opt.runtimepath:prepend(plugin)
vim.filetype.add({ extension = { rs = 'rust' } })

local model = { url = provider .. '/v1', model = 'loopback', contract = 'whole-node' }
vim.g.autodao = {
  cmd = { program, 'lsp' },
  settings = { ai = { models = { ['local'] = model } } },
}
vim.cmd('filetype plugin on')
vim.cmd.runtime('plugin/autodao.lua')

local said = {}
vim.notify = function(text) -- luacheck: ignore 122
  table.insert(said, text)
end

local function has_said(part)
  return vim.iter(said):any(function(text)
    return text:find(part, 1, true) ~= nil
  end)
end

local function client()
  return require('autodao').client()
end

--- Writes a file and opens it.
local function open(name, content)
  vim.cmd('silent! only')
  local path = vim.fs.joinpath(folder, name)
  local file = assert(io.open(path, 'wb'))
  file:write(content)
  file:close()
  vim.cmd.edit(vim.fn.fnameescape(path))
  await('a client', function()
    return #vim.lsp.get_clients({ bufnr = 0, name = 'autodao' }) == 1
  end)
end

--- Ends what one undo takes back: a script types nothing.
local function end_undo_block()
  vim.o.undolevels = vim.o.undolevels
end

--- What the model was asked, as numbers.
local function provider_log()
  local done = vim
    .system({ 'curl', '--silent', '--noproxy', '*', provider .. '/log' }, { text = true })
    :wait()
  return vim.json.decode(done.stdout)
end

--- Waits for a floating window and gives its text.
local function float(title)
  local found
  await('a window titled ' .. title, function()
    local config = vim.api.nvim_win_get_config(0)
    found = config.relative ~= '' and config.title[1][1]
    return found and found:find(title, 1, true) ~= nil
  end)
  return table.concat(lines(), '\n')
end

local function press(keys)
  vim.api.nvim_feedkeys(vim.api.nvim_replace_termcodes(keys, true, false, true), 'x', false)
end

local PLUS = 'fn plus(a: u8) -> u8 {\n    a + 1\n}\n'
local SLOW = 'fn slow(a: u8) -> u8 {\n    a + 1\n}\n'
local WORSE = 'fn worse(a: u8) -> u8 {\n    a + 1\n}\n'

step('the plugin starts the server, and its findings are shown', function()
  open('first.rs', 'fn f(a: u8) -> u8 {\n    /* 😀 */ dbg!(a)\n}\n')
  await('the finding', function()
    return vim.deep_equal(codes(), { 'debug-left' })
  end)
  same(vim.diagnostic.get(0)[1].col, 15, 'the byte column')
  same(client().offset_encoding, 'utf-8', 'the encoding')
end)

step('the command completes', function()
  same(vim.fn.getcompletion('Autodao u', 'cmdline'), { 'undo', 'usage' }, 'the subcommands')
  same(vim.fn.getcompletion('Autodao act sim', 'cmdline'), { 'simplify' }, 'the templates')
  vim.cmd('Autodao nonsense')
  await('the answer', function()
    return has_said('there is no `:Autodao nonsense`')
  end)
  assert(vim.fn.maparg('<Plug>(autodao-act)', 'n') ~= '', 'the map')
end)

step('the light bulb offers edits with their estimate', function()
  open('menu.rs', PLUS)
  local shown
  vim.ui.select = function(items) -- luacheck: ignore 122
    shown = vim.tbl_map(function(item)
      return item.action.title
    end, items)
  end
  vim.api.nvim_win_set_cursor(0, { 2, 4 })
  await('the model to be known', function()
    shown = nil
    vim.cmd('Autodao act')
    vim.wait(1000, function()
      return shown ~= nil
    end, 5)
    return shown ~= nil
  end)
  local title = vim.iter(shown):find(function(one)
    return one:find('^Simplify')
  end)
  assert(title and title:find('~%d+ tokens, free, loopback local'), vim.inspect(shown))
  assert(not has_said('no template'), vim.inspect(said))
end)

step('an edit is asked for, applied, undone in one step and explained', function()
  open('edit.rs', '// 😀\n' .. PLUS)
  end_undo_block()
  vim.api.nvim_win_set_cursor(0, { 3, 4 })
  vim.cmd('Autodao ask do not overflow')
  await('the edit', function()
    return lines()[3] == '    a.saturating_add(1)'
  end)
  end_undo_block()
  vim.cmd.undo()
  same(lines()[3], '    a + 1', 'the line after undo')
  vim.cmd('Autodao explain')
  local text = float('the last edit')
  assert(text:find('template: custom-instruction@', 1, true), text)
  press('q')
end)

step('the last edit is taken back by the server', function()
  open('back.rs', PLUS)
  vim.cmd('Autodao act simplify')
  await('the edit', function()
    return lines()[2] == '    a.saturating_add(1)'
  end)
  await('the server to know it', function()
    vim.cmd('Autodao undo')
    return vim.wait(500, function()
      return lines()[2] == '    a + 1'
    end, 5)
  end)
end)

step('the lines of a range are what is edited', function()
  open('range.rs', PLUS .. PLUS:gsub('plus', 'minus'))
  vim.cmd('4,6Autodao ask do not overflow')
  await('the edit', function()
    return lines()[5] == '    a.saturating_add(1)'
  end)
  same(lines()[2], '    a + 1', 'the other function')
end)

step('CRLF is kept', function()
  open('crlf.rs', (PLUS:gsub('\n', '\r\n')))
  same(vim.bo.fileformat, 'dos', 'the file format')
  vim.cmd('Autodao act simplify')
  await('the edit', function()
    return lines()[2] == '    a.saturating_add(1)'
  end)
  vim.cmd.write()
  local file = assert(io.open(vim.api.nvim_buf_get_name(0), 'rb'))
  same(file:read('a'), 'fn plus(a: u8) -> u8 {\r\n    a.saturating_add(1)\r\n}\r\n', 'the bytes')
  file:close()
end)

step('a doubtful edit is shown as a diff and can be discarded', function()
  open('worse.rs', WORSE)
  vim.cmd('Autodao ask do something')
  local text = float('it brings 1 new finding')
  assert(text:find('+    Some(a).unwrap() + 1', 1, true), text)
  same(vim.bo.filetype, 'diff', 'the file type')
  press('q')
  await('the window to close', function()
    return vim.api.nvim_win_get_config(0).relative == ''
  end)
  same(lines()[2], '    a + 1', 'the line')
end)

step('a doubtful edit is applied when it is confirmed', function()
  vim.cmd('Autodao ask do something')
  float('it brings 1 new finding')
  press('y')
  await('the edit', function()
    return lines()[2] == '    Some(a).unwrap() + 1'
  end)
end)

step('a doubtful edit that the text outran does not land', function()
  open('outrun.rs', WORSE)
  local buffer = vim.api.nvim_get_current_buf()
  vim.cmd('Autodao ask do something')
  float('it brings 1 new finding')
  vim.api.nvim_buf_set_lines(buffer, 0, 3, true, { 'fn nothing() {}' })
  press('y')
  await('the reason', function()
    return has_said('no edit') or vim.api.nvim_win_get_config(0).relative == ''
  end)
  same(vim.api.nvim_buf_get_lines(buffer, 0, -1, true), { 'fn nothing() {}' }, 'the text')
end)

step('cancelling reaches the model', function()
  open('slow.rs', SLOW)
  local before = provider_log()
  vim.cmd('Autodao act simplify')
  await('progress', function()
    return next(client().progress.pending) ~= nil and provider_log().asked > before.asked
  end)
  vim.cmd('Autodao cancel')
  await('the model to be left', function()
    return provider_log().hangUps > before.hangUps
  end)
  await('the progress to end', function()
    return next(client().progress.pending) == nil
  end)
  same(table.concat(lines(), '\n') .. '\n', SLOW, 'the text')
end)

step('the statusline tells of the server', function()
  assert(require('autodao').status():find('^autodao'), require('autodao').status())
end)

step('the server is restarted', function()
  open('again.rs', 'fn f(a: u8) -> u8 { dbg!(a) }\n')
  local id = client().id
  vim.cmd('Autodao restart')
  await('another server', function()
    local now = vim.lsp.get_clients({ bufnr = 0, name = 'autodao' })[1]
    return now ~= nil and now.id ~= id and vim.deep_equal(codes(), { 'debug-left' })
  end)
end)

step('a server that crashed is reported and restarted', function()
  local id = client().id
  local done = vim.system({ 'pkill', '-KILL', '-P', tostring(vim.fn.getpid()), '-x', 'autodao' }):wait()
  same(done.code, 0, 'the kill')
  await('the report', function()
    return has_said('ended by signal 9 and is restarted')
  end)
  await('another server', function()
    local now = vim.lsp.get_clients({ bufnr = 0, name = 'autodao' })[1]
    return now ~= nil and now.id ~= id and vim.deep_equal(codes(), { 'debug-left' })
  end)
end)

step(':checkhealth finds all in order', function()
  vim.cmd('checkhealth autodao')
  local text = table.concat(lines(), '\n')
  for _, part in ipairs({ 'server found', 'the options are right', 'a server runs for' }) do
    assert(text:find(part, 1, true), text)
  end
  assert(not text:find('ERROR', 1, true), text)
end)

step(':checkhealth names what is wrong', function()
  local right = vim.g.autodao
  vim.g.autodao = { cmd = { 'no-such-program' }, setings = {}, filetypes = 'rust' }
  vim.cmd('checkhealth autodao')
  vim.g.autodao = right
  local text = table.concat(lines(), '\n')
  local parts = { '`no-such-program` is not in your PATH', 'no option `setings`', '`filetypes` must be' }
  for _, part in ipairs(parts) do
    assert(text:find(part, 1, true), text)
  end
end)

step('a key is handed over and sent to its model only', function()
  open('key.rs', PLUS)
  said = {}
  vim.fn.inputsecret = function() -- luacheck: ignore 122
    return 'sk-loopback-4f9d0c7a1b'
  end
  vim.cmd('Autodao key local')
  await('an answer', function()
    return #said > 0
  end)
  assert(has_said('the key of local is set'), vim.inspect(said))
  vim.cmd('Autodao act simplify')
  await('the key to reach the model', function()
    return provider_log().authorization == 'Bearer sk-loopback-4f9d0c7a1b'
  end)
  await('the edit', function()
    return lines()[2] == '    a.saturating_add(1)'
  end)
  vim.cmd('Autodao clearkey local')
  await('it to be cleared', function()
    return has_said('the key of local is cleared')
  end)
end)

step('usage is a table', function()
  open('usage.rs', PLUS)
  said = {}
  vim.cmd('Autodao usage')
  await('an answer', function()
    return #said > 0 or vim.api.nvim_win_get_config(0).relative ~= ''
  end)
  if has_said('Method not found') then
    return io.stdout:write('  the server knows no usage\n')
  end
  local text = float('usage')
  assert(text:find('| custom%-instruction'), text)
  press('q')
end)

step('what configures the server is checked, and other files of its type are not', function()
  local path = vim.fs.joinpath(folder, 'other.toml')
  vim.fn.writefile({ '[rules]', 'unwrap-use = "off"' }, path)
  vim.cmd.edit(vim.fn.fnameescape(path))
  local other = vim.api.nvim_get_current_buf()
  vim.fn.mkdir(vim.fs.joinpath(folder, 'configured'))
  open('configured/autodao.toml', '[rules]\nunwrap-use = "off"\n')
  await('the mistake', function()
    return vim.deep_equal(codes(), { 'configuration' })
  end)
  same(#vim.lsp.get_clients({ bufnr = other, name = 'autodao' }), 0, 'servers of another file')
end)

step('the help is found', function()
  vim.cmd.helptags(vim.fs.joinpath(plugin, 'doc'))
  for _, tag in ipairs({ 'autodao', ':Autodao', 'autodao-options', 'autodao-statusline' }) do
    assert(vim.list_contains(vim.fn.getcompletion(tag, 'help'), tag), tag)
  end
  os.remove(vim.fs.joinpath(plugin, 'doc/tags'))
end)

harness.run()
