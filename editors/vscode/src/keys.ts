// Keys of models: kept in the editor's secret storage, told to the server in a request of their own.

import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';

/** The one secret: a JSON object of keys by model. */
const SECRET = 'autodao.keys';

export class Keys {
  private known: Record<string, string> = {};

  constructor(private readonly secrets: vscode.SecretStorage) {}

  async load(): Promise<void> {
    this.known = JSON.parse((await this.secrets.get(SECRET)) ?? '{}') as Record<string, string>;
  }

  private async store(): Promise<void> {
    if (Object.keys(this.known).length > 0) await this.secrets.store(SECRET, JSON.stringify(this.known));
    else await this.secrets.delete(SECRET);
  }

  /** A text without the keys, for logs. */
  redact(text: string): string {
    return Object.values(this.known).reduce((rest, key) => rest.replaceAll(key, '(key)').replaceAll(JSON.stringify(key).slice(1, -1), '(key)'), text);
  }

  /** Tells the server the keys. Nothing is told in a workspace that is not trusted. */
  async send(client: LanguageClient, only?: string): Promise<void> {
    if (!vscode.workspace.isTrusted) return;
    for (const [model, key] of Object.entries(this.known)) {
      if (only === undefined || only === model) await client.sendRequest('autodao/setKey', { model, key });
    }
  }

  async set(client: LanguageClient | undefined): Promise<void> {
    const model = await this.askModel(Object.keys(vscode.workspace.getConfiguration('autodao').get<object | null>('ai.models') ?? {}), 'Which model is the key of?');
    if (!model) return;
    const key = await vscode.window.showInputBox({ title: `AutoDAO: key of ${model}`, password: true, ignoreFocusOut: true });
    if (!key?.trim()) return;
    this.known[model] = key.trim();
    await this.store();
    await this.tell(client && this.send(client, model), `the key of ${model} is set.`, `the key of ${model} is kept, but is not taken by the server`);
  }

  async clear(client: LanguageClient | undefined): Promise<void> {
    const names = Object.keys(this.known);
    const model = names.length > 0 ? await vscode.window.showQuickPick(names, { title: 'AutoDAO: whose key is to be cleared?' }) : undefined;
    if (!model) return;
    delete this.known[model];
    await this.store();
    await this.tell(client?.sendRequest('autodao/clearKey', { model }), `the key of ${model} is cleared.`, `the key of ${model} is cleared here, but not in the server`);
  }

  private async tell(request: Promise<unknown> | undefined, done: string, failed: string): Promise<void> {
    try {
      await request;
      void vscode.window.showInformationMessage(`AutoDAO: ${done}`);
    } catch (error) {
      void vscode.window.showErrorMessage(this.redact(`AutoDAO: ${failed}: ${error instanceof Error ? error.message : error}`));
    }
  }

  private async askModel(names: string[], title: string): Promise<string | undefined> {
    if (names.length > 0) return vscode.window.showQuickPick(names, { title: `AutoDAO: ${title}` });
    return vscode.window.showInputBox({ title: `AutoDAO: ${title}`, prompt: 'Its name under autodao.ai.models, or of the provider' });
  }
}
