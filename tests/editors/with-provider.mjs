// Runs a command with a model on loopback, whose address is in PROVIDER:   node with-provider.mjs COMMAND...

import { spawn } from 'node:child_process';
import { startProvider } from './provider.mjs';

const provider = await startProvider();
const [command, ...rest] = process.argv.slice(2);
const child = spawn(command, rest, { stdio: 'inherit', env: { ...process.env, PROVIDER: provider.url } });
child.on('error', (error) => {
  console.error(`${command}: ${error.message}`);
  process.exit(1);
});
child.on('exit', (code) => {
  provider.stop();
  process.exitCode = code ?? 1;
});
