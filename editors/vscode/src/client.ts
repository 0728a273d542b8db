// The connection to the server.

import * as vscode from 'vscode';
import { CloseAction, ErrorAction, LanguageClient, RevealOutputChannelOn, type LanguageClientOptions } from 'vscode-languageclient/node';
import type { Keys } from './keys';
import { SELECTOR } from './languages';
import type { Progress } from './progress';
import type { Server } from './server';

/** A server that ended so often in so many milliseconds is not started any more. */
const MOST_ENDS = 4;
const SPAN = 180_000;

/** What the server reads of the settings. In a workspace that is not trusted no model is looked for or asked. */
function settings(): Record<string, unknown> {
  const all = vscode.workspace.getConfiguration('autodao');
  const said = Object.fromEntries(['rules', 'files', 'ai'].map((name) => [name, withoutNulls(all.get(name))]));
  if (!vscode.workspace.isTrusted) said.ai = { enabled: false, discover: false };
  return said;
}

function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== null && inner !== undefined);
  return Object.fromEntries(entries.map(([name, inner]) => [name, withoutNulls(inner)]));
}

export function createClient(server: Server, log: vscode.LogOutputChannel, progress: Progress, keys: Keys): LanguageClient {
  const ends: number[] = [];
  const options: LanguageClientOptions = {
    documentSelector: SELECTOR,
    outputChannel: log,
    traceOutputChannel: traceChannel(keys),
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationOptions: () => ({ status: true, settings: settings() }),
    middleware: {
      handleWorkDoneProgress: (token, params) => progress.handle(token, params),
      workspace: {
        configuration: (params) => params.items.map(({ section }) => (section === 'autodao' ? settings() : null)),
      },
    },
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue }),
      closed: () => {
        progress.endAll();
        const now = Date.now();
        ends.push(now);
        const isHopeless = ends.filter((at) => now - at < SPAN).length > MOST_ENDS;
        void report(isHopeless ? 'The server ended again and is not restarted.' : 'The server ended unexpectedly and is restarted.');
        return { action: isHopeless ? CloseAction.DoNotRestart : CloseAction.Restart, handled: true };
      },
    },
  };
  const run = { command: server.command, args: ['lsp'], options: { env: server.env } };
  return new LanguageClient('autodao', 'AutoDAO', run, options);
}

/** Tells the user that something is wrong, and where more of it stands. */
export async function report(problem: string): Promise<void> {
  if (await vscode.window.showErrorMessage(`AutoDAO: ${problem}`, 'Show Logs')) {
    await vscode.commands.executeCommand('autodao.showLogs');
  }
}

/** The trace's channel, made when something is traced, without keys. */
function traceChannel(keys: Keys): vscode.OutputChannel {
  let made: vscode.OutputChannel | undefined;
  const channel = (): vscode.OutputChannel => (made ??= vscode.window.createOutputChannel('AutoDAO Trace', 'json'));
  return {
    name: 'AutoDAO Trace',
    append: (value) => channel().append(keys.redact(value)),
    appendLine: (value) => channel().appendLine(keys.redact(value)),
    replace: (value) => channel().replace(keys.redact(value)),
    clear: () => made?.clear(),
    show: () => channel().show(true),
    hide: () => made?.hide(),
    dispose: () => made?.dispose(),
  };
}
