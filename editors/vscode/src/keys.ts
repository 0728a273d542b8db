// Keys of models: kept in the editor's secret storage, told to the server in a request of their own.

import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';

/** The one secret: a JSON object of what is known by model. */
const SECRET = 'autodao.keys';

interface Known {
  /** Where the key belongs: the server sends it to this origin only, whatever the settings come to say. */
  url: string;
  key: string;
}

export class Keys {
  private known: Record<string, Known> = {};

  constructor(private readonly secrets: vscode.SecretStorage) {}

  async load(): Promise<void> {
    this.known = JSON.parse((await this.secrets.get(SECRET)) ?? '{}') as Record<string, Known>;
  }

  private async store(): Promise<void> {
    if (Object.keys(this.known).length > 0) await this.secrets.store(SECRET, JSON.stringify(this.known));
    else await this.secrets.delete(SECRET);
  }

  /** A text without the keys, for logs. */
  redact(text: string): string {
    const keys = Object.values(this.known).flatMap(({ key }) => [key, JSON.stringify(key).slice(1, -1)]);
    return keys.reduce((rest, key) => rest.replaceAll(key, '(key)'), text);
  }

  /** Tells the server the keys. Nothing is told in a workspace that is not trusted. */
  async send(client: LanguageClient, only?: string): Promise<void> {
    if (!vscode.workspace.isTrusted) return;
    for (const [model, { url, key }] of Object.entries(this.known)) {
      if (only === undefined || only === model) await client.sendRequest('autodao/setKey', { model, url, key });
    }
  }

  async set(client: LanguageClient | undefined): Promise<void> {
    const models = vscode.workspace.getConfiguration('autodao').get<Record<string, { url?: string }> | null>('ai.models') ?? {};
    const names = Object.keys(models);
    const title = 'AutoDAO: which model is the key of?';
    const model = names.length > 0 ? await vscode.window.showQuickPick(names, { title }) : await vscode.window.showInputBox({ title });
    if (!model) return;
    const url = models[model]?.url ?? (await vscode.window.showInputBox({ title: `AutoDAO: URL of ${model}`, prompt: 'The key is sent nowhere else' }));
    if (!url) return;
    const key = await vscode.window.showInputBox({ title: `AutoDAO: key of ${model}`, password: true, ignoreFocusOut: true });
    if (!key?.trim()) return;
    this.known[model] = { url, key: key.trim() };
    await this.store();
    await this.tell(client && this.send(client, model), `the key of ${model} is set.`, `the key of ${model} is kept, but is not taken by the server`);
  }

  async clear(client: LanguageClient | undefined): Promise<void> {
    const names = Object.keys(this.known);
    const model = names.length > 0 ? await vscode.window.showQuickPick(names, { title: 'AutoDAO: whose key is to be cleared?' }) : undefined;
    if (!model) return;
    delete this.known[model];
    await this.store();
    const request = client?.sendRequest('autodao/clearKey', { model });
    await this.tell(request, `the key of ${model} is cleared.`, `the key of ${model} is cleared here, but not in the server`);
  }

  private async tell(request: Promise<unknown> | undefined, done: string, failed: string): Promise<void> {
    try {
      await request;
      void vscode.window.showInformationMessage(`AutoDAO: ${done}`);
    } catch (error) {
      void vscode.window.showErrorMessage(this.redact(`AutoDAO: ${failed}: ${error instanceof Error ? error.message : error}`));
    }
  }
}
