// The plugin in a real terminal: keys in, screen out:   AUTODAO=<program> NEOVIM=<nvim> PROVIDER=<url> node terminal.mjs FOLDER
// With SHOTS, a folder, the screenshots of the README are written to it.

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { toHtml } from './screen.mjs';

const DEADLINE = 60_000;
const [folder] = process.argv.slice(2);
const { AUTODAO, NEOVIM, PLAYWRIGHT, PROVIDER, SHOTS } = process.env;
const plugin = path.join(import.meta.dirname, '../../../editors/nvim');
const socket = path.join(folder, 'tmux');
const tmux = (...words) => execFileSync('tmux', ['-S', socket, '-f', '/dev/null', ...words], { encoding: 'utf8' });
const press = (...keys) => tmux('send-keys', '-t', '0', ...keys);
const screen = () => tmux('capture-pane', '-p', '-t', '0');
const shots = [];

async function shows(part, is = true) {
  for (const end = Date.now() + DEADLINE; ; ) {
    const now = screen();
    if (now.includes(part) === is) return now;
    if (Date.now() > end) throw new Error(`waited in vain for ${is ? '' : 'the end of '}${part}; the screen shows\n${now}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

const shot = (name) => SHOTS && shots.push([name, tmux('capture-pane', '-p', '-e', '-t', '0')]);

const file = path.join(folder, 'stock.rs');
const text = `//! What is in stock.

pub fn count(items: &[Option<u8>]) -> u32 {
    let mut sum = 0;
    for item in items {
        sum += u32::from(item.unwrap());
    }
    sum
}

pub fn worse(a: u8) -> u8 {
    dbg!(a + 1)
}
`;
writeFileSync(file, text);
writeFileSync(
  path.join(folder, 'init.lua'),
  `vim.g.autodao = {
  cmd = { '${AUTODAO}', 'lsp' },
  settings = { ai = { models = { ['local'] = { url = '${PROVIDER}/v1', model = 'loopback', contract = 'whole-node' } } } },
}
vim.opt.runtimepath:prepend('${plugin}')
vim.o.termguicolors = true
vim.o.signcolumn = 'yes'
vim.o.laststatus = 2
vim.o.swapfile = false
vim.diagnostic.config({ virtual_text = true })
vim.o.statusline = "%f %m %=%{v:lua.require'autodao'.status()} "
`,
);

try {
  tmux('new-session', '-d', '-x', '110', '-y', '28', `cd '${folder}' && exec '${NEOVIM}' -u init.lua -i NONE stock.rs`);
  await shows('`dbg!` is left in');
  await shows('autodao');
  shot('findings');

  press(':12', 'Enter', '6|', 'gra');
  await shows('Unwrap the `dbg!`');
  const menu = await shows('loopback local');
  if (!/Fix: .*~\d+ tokens, free, loopback local/.test(menu)) throw new Error(`no AI fix with its estimate in\n${menu}`);
  shot('menu');
  const number = /(\d+): Unwrap the `dbg!`/.exec(menu)[1];
  press(number, 'Enter');
  await shows('dbg!(a + 1)', false);
  press('u');
  await shows('dbg!(a + 1)');

  press(':12', 'Enter', ':Autodao ask do something', 'Enter');
  await shows('it brings 1 new finding');
  await shows('+    dbg!(Some(a).unwrap() + 1)');
  await shows('y apply');
  shot('preview');
  press('y');
  await shows('y apply', false);
  await shows('Some(a).unwrap() + 1');
  press('u');
  await shows('Some(a)', false);
  press(':w', 'Enter');
  await shows('written');
  if (readFileSync(file, 'utf8') !== text) throw new Error('undo did not bring the text back');

  press(':Autodao usage', 'Enter');
  await shows('custom-instruction');
  shot('usage');
  press('q');
  console.log('1 session, 0 failed');
} finally {
  tmux('kill-server');
}

if (shots.length > 0) {
  const { chromium } = createRequire(`${PLAYWRIGHT}/package.json`)('playwright-core');
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
  const page = await browser.newPage({ viewport: { width: 960, height: 540 } });
  for (const [name, screenText] of shots) {
    await page.setContent(toHtml(screenText));
    await page.locator('pre').screenshot({ path: path.join(SHOTS, `${name}.png`) });
  }
  await browser.close();
}
