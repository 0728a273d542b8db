// Starts the server and offers what it can do as commands. What is done, the server does.

import * as vscode from 'vscode';
import { ExecuteCommandRequest, State, type LanguageClient } from 'vscode-languageclient/node';
import { createClient, report } from './client';
import { Keys } from './keys';
import { Progress } from './progress';
import { findServer, tooOld, type Server } from './server';
import { StatusItems, type Status } from './status';
import { showUsage, usage } from './usage';

const SCHEME = 'autodao';

let client: LanguageClient | undefined;
let server: Server | undefined;

export function activate(context: vscode.ExtensionContext): { client: () => LanguageClient | undefined } {
  const log = vscode.window.createOutputChannel('AutoDAO', { log: true });
  const keys = new Keys(context.secrets);
  // The secret storage takes its time; the server does not wait for it.
  const loaded = keys.load();
  const progress = new Progress(() => client);
  const status = new StatusItems(() => (client ? usage(client, 'template', 1).catch(() => undefined) : Promise.resolve(undefined)));
  const texts = new Map<string, string>();
  const provider = vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
    provideTextDocumentContent: ({ path }) => texts.get(path) ?? '',
  });

  async function start(): Promise<void> {
    try {
      server = findServer(context);
      const begun = performance.now();
      log.info(`${server.command}, from ${server.source}`);
      client = createClient(server, log, progress, keys);
      const started = client;
      started.onNotification('autodao/status', (now: Status) => void status.update(now));
      started.onDidChangeState(({ newState }) => {
        if (newState === State.Running) void running(started);
        else status.ended(newState);
      });
      const prepared = performance.now();
      await started.start();
      log.info(`prepared in ${Math.round(prepared - begun)} ms, the server started in ${Math.round(performance.now() - prepared)} ms`);
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      status.ended(State.Stopped, problem);
      log.error(problem);
      void report(problem);
    }
  }

  async function running(started: LanguageClient): Promise<void> {
    const version = started.initializeResult?.serverInfo?.version;
    status.running(version);
    const problem = tooOld(version);
    if (problem) void report(problem);
    await sendKeys(started);
  }

  async function sendKeys(to: LanguageClient): Promise<void> {
    await loaded.then(() => keys.send(to)).catch((error: Error) => log.warn(keys.redact(`the keys were not taken: ${error.message}`)));
  }

  async function restart(): Promise<void> {
    const last = client;
    client = undefined;
    await last?.dispose().catch(() => undefined);
    await start();
  }

  /** Shows a text beside the user's own. */
  async function show(name: string, text: string): Promise<void> {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${name}-${Date.now()}.md` });
    texts.set(uri.path, text);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
  }

  function connected(): LanguageClient {
    if (!client?.isRunning()) throw new Error('AutoDAO: the server does not run; "AutoDAO: Restart Server" starts it');
    return client;
  }

  const execute = (command: string, ...args: unknown[]): Promise<unknown> =>
    connected().sendRequest(ExecuteCommandRequest.type, { command, arguments: args });

  async function ask(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (!editor) return;
    const instruction = await vscode.window.showInputBox({ title: 'AutoDAO: what is to be done here?', ignoreFocusOut: true });
    if (!instruction?.trim()) return;
    const to = connected().code2ProtocolConverter;
    const range = to.asRange(editor.selection);
    await execute('autodao.act', { uri: to.asUri(editor.document.uri), range, template: 'custom-instruction', instruction });
  }

  async function explain(): Promise<void> {
    const text = await execute('autodao.explainLast');
    if (typeof text === 'string') await show('last-edit', text);
    else void vscode.window.showInformationMessage('AutoDAO: no AI edit was made in this session.');
  }

  async function debugInfo(): Promise<void> {
    const lines = [
      `- extension: ${(context.extension.packageJSON as { version: string }).version}`,
      `- editor: ${vscode.version}, ${vscode.env.appName}, ${process.platform} ${process.arch}`,
      `- server: ${server?.command ?? 'none'}, from ${server?.source ?? 'nowhere'}`,
      `- server's version: ${client?.initializeResult?.serverInfo?.version ?? 'none'}, ${client?.isRunning() ? 'running' : 'not running'}`,
      `- workspace: ${vscode.workspace.isTrusted ? 'trusted' : 'not trusted'}, ${vscode.workspace.workspaceFolders?.length ?? 0} folder(s)`,
    ];
    await show('debug-information', `# AutoDAO\n\n${lines.join('\n')}\n`);
  }

  const commands: Record<string, () => unknown> = {
    restart,
    showLogs: () => log.show(),
    debugInfo,
    setKey: () => loaded.then(() => keys.set(client)),
    clearKey: () => loaded.then(() => keys.clear(client)),
    cancel: () => progress.cancelAll(),
    showUsage: () => showUsage(connected()),
    ask,
    explain,
    retryEdit: () => execute('autodao.retry'),
    undoEdit: () => execute('autodao.undoLast'),
  };
  context.subscriptions.push(
    log,
    status,
    provider,
    ...Object.entries(commands).map(([name, run]) => vscode.commands.registerCommand(`autodao.${name}`, run)),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => uri.scheme === SCHEME && texts.delete(uri.path)),
    vscode.workspace.onDidGrantWorkspaceTrust(() => restart()),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('autodao.server')) void restart();
    }),
  );
  void start();
  return { client: () => client };
}

export function deactivate(): Promise<void> | undefined {
  return client?.dispose();
}
