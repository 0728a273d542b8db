// AI edits as notifications with a Cancel button. The client library shows progress silently in the status bar.

import * as vscode from 'vscode';
import type { LanguageClient, ProgressToken, WorkDoneProgressBegin, WorkDoneProgressEnd, WorkDoneProgressReport } from 'vscode-languageclient/node';

type Params = WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd;

export class Progress {
  private readonly shown = new Map<ProgressToken, { report(message?: string): void; end(): void }>();

  constructor(private readonly client: () => LanguageClient | undefined) {}

  handle(token: ProgressToken, params: Params): void {
    if (params.kind === 'begin') {
      const options = { location: vscode.ProgressLocation.Notification, title: params.title, cancellable: true };
      void vscode.window.withProgress(options, (progress, cancel) => {
        cancel.onCancellationRequested(() => this.cancel(token));
        progress.report({ message: params.message });
        return new Promise<void>((end) => this.shown.set(token, { report: (message) => progress.report({ message }), end }));
      });
    } else if (params.kind === 'report') {
      this.shown.get(token)?.report(params.message);
    } else {
      this.shown.get(token)?.end();
      this.shown.delete(token);
    }
  }

  private cancel(token: ProgressToken): void {
    void this.client()?.sendNotification('window/workDoneProgress/cancel', { token });
  }

  cancelAll(): void {
    for (const token of this.shown.keys()) this.cancel(token);
  }

  /** The server is gone, and with it what was under way. */
  endAll(): void {
    for (const { end } of this.shown.values()) end();
    this.shown.clear();
  }
}
