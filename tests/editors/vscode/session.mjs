// The extension in a real VS Code:   AUTODAO=<program> node session.mjs VSIX FOLDER
// With SHOTS, a folder, the screenshots of the READMEs are written to it.

import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { startProvider } from '../provider.mjs';
import { launchBrowser, startEditor, until, Workbench } from './harness.mjs';

const [vsix, scratch] = process.argv.slice(2);
const program = process.env.AUTODAO;
const shots = process.env.SHOTS;
const KEY = 'sk-loopback-4f9d0c7a1b';

const workspace = path.join(scratch, 'shop');
mkdirSync(path.join(workspace, '.vscode'), { recursive: true });
const write = (name, text) => writeFileSync(path.join(workspace, name), text);
const read = (name) => readFileSync(path.join(workspace, name), 'utf8');
const one = (name) => `fn ${name}(a: u8) -> u8 {\n    a + 1\n}\n`;
write('stock.rs', `//! What is in stock.\n\npub fn count(items: &[Option<u8>]) -> u32 {\n    let mut sum = 0;\n    for item in items {\n        sum += u32::from(item.unwrap());\n    }\n    sum\n}\n\npub fn next(a: u8) -> u8 {\n    dbg!(a + 1)\n}\n`);
write('wide.rs', 'fn f(a: u8) -> u8 {\n    /* 😀𝒳 */ dbg!(a) /* 😀 */\n}\n');
write('crlf.rs', `// 😀\r\n${one('plus').replaceAll('\n', '\r\n')}fn f(a: u8) -> u8 {\r\n\tdbg!(a)\r\n}\r\n`);
write('plus.rs', one('plus'));
// What was asked before is answered from memory: with a key there has to be something new to ask.
write('key.rs', one('plus'));
write('slow.rs', one('slow'));
write('worse.rs', one('worse'));
const provider = await startProvider();
const browser = await launchBrowser();
// The server is started by a name of its own, by which its process is found.
const link = path.join(scratch, 'autodao-under-test');
symlinkSync(program, link);

const options = {
  vsix,
  env: { RUST_LOG: 'debug' },
  // The whole conversation is traced: keys must not be in that either.
  settings: { 'autodao.trace.server': 'verbose', 'autodao.ai.models': { local: { url: `${provider.url}/v1`, model: 'loopback', contract: 'whole-node' } } },
  machineSettings: { 'autodao.server.path': link },
};

function serverProcesses() {
  return readdirSync('/proc').filter((id) => {
    try {
      return /^\d+$/.test(id) && readFileSync(`/proc/${id}/cmdline`, 'utf8').startsWith(`${link}\0`) && readlinkSync(`/proc/${id}/exe`);
    } catch {
      return false;
    }
  });
}

/** The files below a folder that hold a text. */
function holding(folder, text) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .filter((file) => statSync(file).size < 64 << 20 && readFileSync(file).includes(text));
}

let bench;
let failed = 0;
let steps = 0;

/** Only the steps whose names it matches are run; some need those before them. */
const only = new RegExp(process.env.STEPS ?? '');

async function step(name, run) {
  if (!only.test(name)) return;
  const start = Date.now();
  steps += 1;
  try {
    await run();
    console.log(`ok   ${name} (${Date.now() - start} ms)`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${name}\n${error.stack}`);
    if (process.env.FAILURES) await bench.page.screenshot({ path: path.join(process.env.FAILURES, `failure-${steps}.png`) });
    await bench.key('Escape', 'Escape');
  }
}

const shot = async (name) => shots && bench.page.screenshot({ path: path.join(shots, `${name}.png`) });
const meter = () => bench.page.locator('.statusbar-item', { hasText: /\d tok/ }).first();

/** Waits until the model is known: before, actions that ask it are switched off. */
async function aiMenu(part) {
  return until(`the model in the menu with ${part}`, async () => {
    const titles = await bench.menu(part, 'Control+Shift+r');
    if (titles.some((title) => title.includes(part) && title.includes('tokens'))) return titles;
    await bench.key('Escape');
    return undefined;
  });
}

async function instruct(words) {
  await bench.run('AutoDAO: Edit With an Instruction...');
  await bench.page.locator('.quick-input-widget', { hasText: 'what is to be done here?' }).waitFor();
  await bench.page.keyboard.insertText(words);
  await bench.key('Enter');
}

let editor = await startEditor(options);
try {
  bench = await Workbench.open(browser, editor, workspace, 'stock.rs');

  await step('a finding is underlined and in Problems', async () => {
    await bench.page.waitForSelector('.squiggly-warning, .squiggly-info');
    await bench.key('Control+Shift+m');
    await bench.page.locator('.markers-panel', { hasText: '`dbg!` is left in' }).waitFor();
    await bench.page.locator('.markers-panel', { hasText: 'unwrap-used' }).waitFor();
    await shot('problems');
    await bench.key('Control+j');
  });

  await step('the light bulb offers fixes and, with estimates, AI edits', async () => {
    await bench.goTo(12, 6);
    await bench.page.waitForSelector('[class*="codicon-gutter-lightbulb"], .lightBulbWidget');
    await until('an AI fix with its estimate', async () => {
      const titles = await bench.menu('Unwrap the `dbg!`');
      if (titles.some((title) => /^Fix: .*~\d+ tokens, free, loopback local/.test(title))) return true;
      await bench.key('Escape');
      return false;
    });
    await shot('light-bulb');
  });

  await step('a quick fix is applied, and one undo takes it back', async () => {
    await bench.choose('Unwrap the `dbg!`');
    await bench.text('dbg!', false);
    await bench.text('    a + 1');
    await bench.key('Control+z');
    await bench.text('dbg!(a + 1)');
  });

  await step('an AI edit lands, and one undo takes it back', async () => {
    await bench.openFile('plus.rs');
    await bench.goTo(2, 5);
    await aiMenu('Simplify');
    await bench.choose('Simplify');
    await bench.text('a.saturating_add(1)');
    await bench.key('Control+z');
    await bench.text('    a + 1');
    await bench.text('saturating', false);
  });

  await step('the token meter tells of it', async () => {
    await until('tokens in the meter', async () => /[1-9][\d.]*k? tok/.test(await meter().textContent()));
    await meter().hover();
    await bench.page.locator('.hover-contents, .monaco-hover', { hasText: 'loopback local' }).first().waitFor();
    await bench.page.locator('.hover-contents, .monaco-hover', { hasText: 'session' }).first().waitFor();
    await shot('meter');
    await bench.page.mouse.move(400, 300);
  });

  await step('progress is shown, and cancelling reaches the model', async () => {
    await bench.openFile('slow.rs');
    await bench.goTo(2, 5);
    const { hangUps } = provider;
    const asked = provider.asked.length;
    // A click that comes while the menu is drawn anew is lost.
    await until('the model to be asked', async () => {
      await aiMenu('Simplify');
      await bench.choose('Simplify');
      return until('a request', () => provider.asked.length > asked, 10_000).catch(() => false);
    });
    const toast = bench.toast('AutoDAO: simplify');
    await toast.waitFor();
    await shot('progress');
    await toast.locator('.monaco-button', { hasText: 'Cancel' }).click();
    await until('the model to be left', () => provider.hangUps > hangUps);
    await toast.waitFor({ state: 'detached' });
    assert.equal(read('slow.rs'), one('slow'));
  });

  await step('a doubtful edit is shown in Refactor Preview and lands when it is ticked', async () => {
    await bench.openFile('worse.rs');
    await bench.goTo(2, 5);
    await instruct('do something');
    const panel = bench.page.locator('.bulk-edit-panel');
    await panel.locator('.monaco-list-row', { hasText: 'Some(a)' }).first().waitFor();
    await panel.locator('.monaco-list-row', { hasText: 'Some(a)' }).first().dblclick();
    await bench.page.waitForSelector('.monaco-diff-editor .view-line');
    await panel.locator('.edit-checkbox').last().click();
    await bench.page.locator('.monaco-diff-editor .view-line', { hasText: 'unwrap' }).first().waitFor();
    await shot('preview');
    await panel.locator('.monaco-button', { hasText: 'Apply' }).click();
    await bench.page.locator('.tab', { hasText: 'worse.rs' }).first().click();
    await bench.text('Some(a).unwrap() + 1');
    await bench.key('Control+z');
    await bench.text('unwrap', false);
  });

  await step('a doubtful edit that is discarded does not land', async () => {
    await instruct('do something');
    const panel = bench.page.locator('.bulk-edit-panel');
    await panel.locator('.monaco-list-row', { hasText: 'Some(a)' }).first().waitFor();
    await panel.locator('.monaco-button', { hasText: 'Discard' }).click();
    await panel.waitFor({ state: 'hidden' });
    await bench.text('unwrap', false);
  });

  await step('the last edit is explained', async () => {
    await bench.run('AutoDAO: Explain Last Edit');
    await bench.page.locator('.tab.active', { hasText: 'last-edit' }).waitFor();
    await bench.text('template: custom-instruction@');
  });

  await step('characters outside the BMP move nothing', async () => {
    await bench.openFile('wide.rs');
    await bench.goTo(2, 16);
    await bench.menu('Unwrap the `dbg!`');
    await bench.choose('Unwrap the `dbg!`');
    await bench.text('dbg!', false);
    await bench.save();
    assert.equal(read('wide.rs'), 'fn f(a: u8) -> u8 {\n    /* 😀𝒳 */ a /* 😀 */\n}\n');
  });

  await step('CRLF is kept by fixes and AI edits', async () => {
    await bench.openFile('crlf.rs');
    await bench.goTo(6, 4);
    await bench.menu('Unwrap the `dbg!`');
    await bench.choose('Unwrap the `dbg!`');
    await bench.text('dbg!', false);
    await bench.goTo(3, 5);
    await aiMenu('Simplify');
    await bench.choose('Simplify');
    await bench.text('a.saturating_add(1)');
    await bench.save();
    assert.equal(read('crlf.rs'), '// 😀\r\nfn plus(a: u8) -> u8 {\r\n    a.saturating_add(1)\r\n}\r\nfn f(a: u8) -> u8 {\r\n\ta\r\n}\r\n');
  });

  await step('usage is a report with tables', async () => {
    await bench.run('AutoDAO: Show Usage');
    const frame = bench.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
    await frame.locator('table', { hasText: 'simplify' }).first().waitFor();
    await frame.locator('svg[role=img] rect').first().waitFor();
    await shot('usage');
  });

  await step('a key is stored and cleared, and is in no file', async () => {
    const toast = bench.toast('the key of local');
    // Keys that come while a box opens are lost.
    await until('the key to be taken', async () => {
      await bench.key('Escape', 'Escape');
      await bench.run('AutoDAO: Set Key of a Model...');
      await bench.page.locator('.quick-input-list .monaco-list-row', { hasText: 'local' }).first().waitFor();
      await bench.key('Enter');
      await bench.page.locator('.quick-input-widget', { hasText: 'key of local' }).waitFor();
      await bench.page.waitForSelector('.quick-input-widget input[type=password]');
      await bench.page.keyboard.insertText(KEY);
      await bench.key('Enter');
      return toast.waitFor({ timeout: 15_000 }).then(() => true, () => false);
    });
    assert.doesNotMatch(await toast.textContent(), /is not taken/);
    await bench.openFile('key.rs');
    await bench.goTo(2, 5);
    const before = provider.asked.length;
    await aiMenu('Simplify');
    await bench.choose('Simplify');
    await until('the request', () => provider.asked.length > before);
    assert.equal(provider.asked.at(-1).authorization, `Bearer ${KEY}`);
    await bench.text('a.saturating_add(1)');
    await bench.key('Control+z');
    await bench.run('AutoDAO: Clear Key of a Model...');
    await bench.page.locator('.quick-input-list .monaco-list-row', { hasText: 'local' }).first().waitFor();
    await bench.key('Enter');
    await bench.toast('the key of local is cleared').waitFor();
    assert.notDeepEqual(holding(path.join(editor.home, 'data/logs'), 'autodao/setKey'), [], 'the request is in the trace');
    for (const folder of [editor.home, path.dirname(scratch)]) assert.deepEqual(holding(folder, KEY), []);
  });

  await step('a server that crashes is reported and restarted', async () => {
    const [before, ...others] = serverProcesses();
    assert.ok(before && others.length === 0, 'one server runs');
    process.kill(Number(before), 'SIGKILL');
    await bench.toast('ended unexpectedly and is restarted').waitFor();
    await until('another server', () => serverProcesses().some((id) => id !== before));
    await bench.openFile('stock.rs');
    await bench.goTo(12, 6);
    await bench.menu('Unwrap the `dbg!`');
    await bench.key('Escape');
  });

  await step('debug information names the server', async () => {
    await bench.run('AutoDAO: Show Debug Information');
    await bench.page.locator('.tab.active', { hasText: 'debug-information' }).waitFor();
    await bench.text("server's version: ");
  });

  await step('the editor says how long activation took', async () => {
    await bench.run('Developer: Show Running Extensions');
    const row = bench.page.locator('.runtime-extensions-editor .monaco-list-row', { hasText: 'AutoDAO' });
    await row.locator('.activation-time', { hasText: /\d+ms/ }).waitFor();
    const logs = holding(path.join(editor.home, 'data/logs'), ', the server started in ');
    console.log(`  ${await row.locator('.activation-time').textContent()}; ${/prepared in .*/.exec(readFileSync(logs[0], 'utf8'))[0]}`);
  });

  await bench.close();
  await editor.stop();
  // What a hostile project would say: none of it holds before the workspace is trusted.
  write('.vscode/settings.json', JSON.stringify({ 'autodao.server.path': '/no/such/program', 'autodao.ai.models': { 'local': { url: 'http://127.0.0.1:9/v1', model: 'evil' } } }));
  editor = await startEditor({ ...options, trusted: false });
  bench = await Workbench.open(browser, editor, workspace, 'stock.rs');

  await step('Restricted Mode keeps findings and fixes, and asks no model', async () => {
    const before = provider.asked.length;
    await bench.page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).waitFor();
    await bench.page.waitForSelector('.squiggly-warning, .squiggly-info');
    await bench.goTo(12, 6);
    const titles = await bench.menu('Unwrap the `dbg!`');
    assert.deepEqual(titles.filter((title) => title.includes('tokens') || title.startsWith('Fix: ')), []);
    await shot('restricted');
    await bench.key('Escape');
    await instruct('do something');
    await bench.toast('no edit').waitFor();
    assert.equal(provider.asked.length, before);
  });

  await step('nothing was asked of any other machine', () => assert.deepEqual([...bench.foreign], []));
} catch (error) {
  failed += 1;
  console.log(`FAIL ${error.stack}`);
} finally {
  await browser.close();
  await editor.stop();
  provider.stop();
}
console.log(`${steps} steps, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
