// "Show Usage": the panel that shows the ledger's report.

import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import { page, type Report } from './report';

const DAYS = 30;

let panel: vscode.WebviewPanel | undefined;

/** A report of the last days. */
export function usage(client: LanguageClient, by: string, days: number): Promise<Report> {
  const since = new Date(Date.now() - (days - 1) * 86_400_000).toISOString().slice(0, 10);
  return client.sendRequest('autodao/usage', { since, by });
}

export async function showUsage(client: LanguageClient): Promise<void> {
  const [day, template, model] = await Promise.all(['day', 'template', 'model'].map((by) => usage(client, by, DAYS)));
  if (!panel) {
    const options = { enableScripts: false, localResourceRoots: [], enableCommandUris: ['autodao.showUsage'] };
    panel = vscode.window.createWebviewPanel('autodao.usage', 'AutoDAO: usage', vscode.ViewColumn.Active, options);
    panel.onDidDispose(() => (panel = undefined));
  }
  panel.webview.html = page({ day, template, model }, randomBytes(16).toString('base64'));
  panel.reveal();
}
