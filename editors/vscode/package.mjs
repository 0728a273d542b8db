// Packages the extension:
//   node package.mjs [--target TARGET --server PROGRAM] [--out FILE]
// Without a program, the VSIX is for every platform and starts the `autodao` that is installed.

import { execFileSync } from 'node:child_process';
import { copyFileSync, chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

const here = import.meta.dirname;
const { values } = parseArgs({ options: { target: { type: 'string' }, server: { type: 'string' }, out: { type: 'string' } } });
if (!values.target !== !values.server) throw new Error('a target needs a program, and a program its target');

const run = (command, ...args) => execFileSync(command, args, { cwd: here, stdio: ['ignore', 'ignore', 'inherit'] });
const { version } = JSON.parse(readFileSync(path.join(here, 'package.json'), 'utf8'));
const out = path.resolve(values.out ?? path.join(here, `autodao-${values.target ?? 'any'}-${version}.vsix`));
const folder = path.join(here, 'server');

if (!existsSync(path.join(here, 'node_modules'))) run('npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund');
run('npm', 'run', '--silent', 'check');
run('npm', 'run', '--silent', 'build');
const license = ['MIT', 'APACHE'].map((name) => readFileSync(path.join(here, `../../LICENSE-${name}`), 'utf8'));
writeFileSync(path.join(here, 'LICENSE'), license.join('\n\n'));
rmSync(folder, { recursive: true, force: true });
if (values.server) {
  mkdirSync(folder);
  const program = path.join(folder, values.target.startsWith('win32') ? 'autodao.exe' : 'autodao');
  copyFileSync(values.server, program);
  chmodSync(program, 0o755);
}
const target = values.target ? ['--target', values.target] : [];
run('npx', '--no-install', 'vsce', 'package', '--no-dependencies', '--out', out, ...target);
rmSync(folder, { recursive: true, force: true });
console.log(`${out}: ${statSync(out).size} bytes`);
