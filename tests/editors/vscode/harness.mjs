// A real VS Code: its server, with the extension installed, and its workbench in a browser without a screen.

import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** How long an event is waited for, in milliseconds. Only a test that fails waits so long. */
const DEADLINE = Number(process.env.DEADLINE ?? 90_000);

const USER = {
  'chat.disableAIFeatures': true,
  'editor.minimap.enabled': false,
  'editor.lightbulb.enabled': 'on',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'files.autoSave': 'off',
  'remote.autoForwardPorts': false,
  'security.workspace.trust.startupPrompt': 'never',
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'workbench.colorTheme': 'Default Dark Modern',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
};

async function freePort() {
  const server = createServer();
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

/** Awaits what a function gives when it is there. */
export async function until(what, look, deadline = DEADLINE) {
  for (const end = Date.now() + deadline; ; ) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** Starts the server. Settings that belong to the machine are read from a file of their own in a remote window. */
export async function startEditor({ vsix, env = {}, settings = {}, machineSettings = {}, trusted = true }) {
  const home = mkdtempSync(path.join(tmpdir(), 'autodao-vscode-'));
  const folder = process.env.VSCODE;
  const node = path.join(folder, 'node_modules', `node-linux-${process.arch}`, 'bin/node');
  const main = path.join(folder, 'vscode/out/server-main.js');
  for (const [name, content] of [['User', { ...USER, ...settings }], ['Machine', machineSettings]]) {
    mkdirSync(path.join(home, 'data', name), { recursive: true });
    writeFileSync(path.join(home, 'data', name, 'settings.json'), JSON.stringify(content));
  }
  const environment = { ...process.env, HOME: home, EXTENSIONS_GALLERY: '{}', ...env };
  for (const name of Object.keys(environment)) if (/^(VSCODE_|ELECTRON_)/.test(name)) delete environment[name];
  const common = [main, '--server-data-dir', home, '--accept-server-license-terms', '--telemetry-level', 'off'];
  const installed = spawnSync(node, [...common, '--install-extension', vsix, '--force'], { env: environment, encoding: 'utf8' });
  if (!installed.stdout?.includes('successfully installed')) throw new Error(`${installed.error ?? ''}${installed.stdout}${installed.stderr}`);
  const port = await freePort();
  const trust = trusted ? ['--disable-workspace-trust'] : [];
  const log = openSync(path.join(home, 'server.log'), 'w');
  const server = spawn(node, [...common, '--host', '127.0.0.1', '--port', `${port}`, '--without-connection-token', ...trust], {
    env: environment,
    stdio: ['ignore', log, log],
    detached: true,
  });
  const authority = `127.0.0.1:${port}`;
  await until('the server', () => fetch(`http://${authority}/version`).then(({ ok }) => ok, () => false));
  const stop = async () => {
    if (server.exitCode === null) {
      const ended = new Promise((done) => server.once('exit', done));
      // The whole group: the server, the extension host, our server.
      process.kill(-server.pid, 'SIGKILL');
      await ended;
    }
    rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  };
  return { authority, home, stop };
}

export async function launchBrowser() {
  const { chromium } = createRequire(`${process.env.PLAYWRIGHT}/package.json`)('playwright-core');
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost'],
  });
}

/** The workbench with a folder, as a user sees it. */
export class Workbench {
  static async open(browser, editor, folder, file) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    page.setDefaultTimeout(DEADLINE);
    const self = new Workbench(context, page);
    await page.route('**/*', (route) => {
      const { hostname, protocol } = new URL(route.request().url());
      // What a page asks of itself by a name of its own never leaves the browser.
      if (['127.0.0.1', 'localhost'].includes(hostname) || ['data:', 'blob:'].includes(protocol)) return route.continue();
      self.foreign.add(hostname);
      return route.abort();
    });
    const payload = [['skipWelcome', 'true'], ['openFile', `vscode-remote://${editor.authority}${folder}/${file}`]];
    await page.goto(`http://${editor.authority}/?folder=${encodeURIComponent(folder)}&payload=${encodeURIComponent(JSON.stringify(payload))}`);
    await page.waitForSelector('.monaco-workbench');
    await page.waitForSelector('.monaco-editor .view-line');
    return self;
  }

  constructor(context, page) {
    this.context = context;
    this.page = page;
    /** Hosts that the page wanted something of. */
    this.foreign = new Set();
  }

  close() {
    return this.context.close();
  }

  async key(...keys) {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** Runs a command by its title. */
  async run(title) {
    const input = this.page.locator('.quick-input-widget:visible input').first();
    // A key that comes while the editor opens something is lost.
    await until('the command palette', async () => {
      await this.key('F1');
      return input.waitFor({ timeout: 3000 }).then(() => true, () => false);
    });
    await this.page.keyboard.insertText(title);
    await this.page.locator('.quick-input-list .monaco-list-row.focused', { hasText: title.split(': ').at(-1) }).waitFor();
    await this.key('Enter');
  }

  /** Opens a file of the folder. */
  async openFile(name) {
    await this.key('Control+p');
    await this.page.waitForSelector('.quick-input-widget:visible input');
    await this.page.keyboard.insertText(name);
    await this.page.locator('.quick-input-list .monaco-list-row.focused', { hasText: name }).waitFor();
    await this.key('Enter');
    await this.page.locator('.tab.active', { hasText: name }).waitFor();
    await this.page.waitForSelector('.monaco-editor .view-line');
  }

  /** The lines of the active editor that are on the screen. */
  lines() {
    return this.page.evaluate(() => {
      const lines = [...document.querySelectorAll('.editor-group-container.active .editor-instance .view-line')];
      lines.sort((a, b) => parseFloat(a.style.top) - parseFloat(b.style.top));
      return lines.map((line) => line.textContent.replaceAll('\u00a0', ' '));
    });
  }

  async text(part, is = true) {
    await until(`${is ? '' : 'no '}${part}`, async () => (await this.lines()).some((line) => line.includes(part)) === is).catch(async (error) => {
      throw new Error(`${error.message}; the editor shows ${JSON.stringify(await this.lines())}`);
    });
  }

  /** Puts the cursor on a line, counted from 1. */
  async goTo(line, column = 1) {
    await this.key('Control+g');
    await this.page.waitForSelector('.quick-input-widget:visible input');
    await this.page.keyboard.insertText(`${line}:${column}`);
    await this.key('Enter');
    await this.page.waitForFunction((at) => document.querySelector('.statusbar')?.textContent.includes(`Ln ${at},`), line);
  }

  /** Opens the light bulb's menu once it has an action, and gives its titles. */
  async menu(part, keys = 'Control+.') {
    return until(`the action ${part}`, async () => {
      await this.key(keys);
      const menu = this.page.locator('.action-widget');
      await menu.waitFor({ timeout: 2000 }).catch(() => undefined);
      const titles = await menu.locator('.monaco-list-row.action').allTextContents();
      if (titles.some((title) => title.includes(part))) return titles;
      await this.key('Escape');
      return undefined;
    });
  }

  async choose(part) {
    await this.page.locator('.action-widget .monaco-list-row.action', { hasText: part }).first().click();
  }

  toast(part) {
    return this.page.locator('.notifications-toasts .notification-list-item', { hasText: part }).first();
  }

  async save() {
    await this.key('Control+s');
    await this.page.waitForFunction(() => !document.querySelector('.tab.active.dirty'));
  }
}
