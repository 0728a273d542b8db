// Which program is started.

import { accessSync, constants } from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';

/** The first server that this extension can talk to. */
export const OLDEST = [0, 1, 0];

const PROGRAM = process.platform === 'win32' ? 'autodao.exe' : 'autodao';

export interface Server {
  command: string;
  /** Where its path came from, for a person. */
  source: string;
  env: NodeJS.ProcessEnv;
}

/** A setting; what the workspace says counts only where it is trusted. */
function setting<T>(name: string): T | undefined {
  const said = vscode.workspace.getConfiguration('autodao').inspect<T>(name);
  const workspace = vscode.workspace.isTrusted ? (said?.workspaceFolderValue ?? said?.workspaceValue) : undefined;
  return workspace ?? said?.globalValue ?? undefined;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Looks in the environment, the settings, the extension and `PATH`, in that order. What is named there but cannot be
 * started is an error: something else in its place would be a surprise. */
export function findServer(context: vscode.ExtensionContext): Server {
  const env = { ...process.env, ...setting<Record<string, string>>('server.env') };
  const named: [string, string | undefined][] = [
    ['the variable AUTODAO_SERVER_PATH', process.env.AUTODAO_SERVER_PATH],
    ['the setting autodao.server.path', setting<string>('server.path')],
  ];
  for (const [source, command] of named) {
    if (!command) continue;
    if (!isExecutable(command)) throw new Error(`${command}, named by ${source}, cannot be started`);
    return { command, source, env };
  }
  const bundled = path.join(context.extensionPath, 'server', PROGRAM);
  if (isExecutable(bundled)) return { command: bundled, source: 'the extension', env };
  for (const folder of (env.PATH ?? '').split(path.delimiter)) {
    const command = path.join(folder, PROGRAM);
    if (path.isAbsolute(folder) && isExecutable(command)) return { command, source: 'PATH', env };
  }
  throw new Error(`there is no ${PROGRAM} in your PATH: install it, or set autodao.server.path`);
}

/** Why a server of this version will not do, if it will not. */
export function tooOld(version: string | undefined): string | undefined {
  const numbers = (version ?? '').split(/[.-]/).map(Number);
  for (const [at, oldest] of OLDEST.entries()) {
    if (numbers[at] > oldest) return undefined;
    if (!(numbers[at] === oldest)) return `the server is ${version ?? 'of no version'}; ${OLDEST.join('.')} or newer is needed`;
  }
  return undefined;
}
