// The server's health beside the language, and the token meter in the status bar.

import * as vscode from 'vscode';
import { State } from 'vscode-languageclient/node';
import { LANGUAGES } from './languages';
import { dollars, type Report } from './report';

export interface Sums {
  tokens: number;
  costMicros: number;
  edits: number;
}

interface Budget {
  limit: number;
  spent: number;
}

/** The parameters of `autodao/status`. */
export interface Status {
  session: Sums;
  day: Sums;
  ratio: number | null;
  /** In millionths of a US dollar, and in tokens. */
  budget: { day: Budget | null; month: Budget | null; dayTokens?: Budget | null; monthTokens?: Budget | null };
  running: number;
  model: string | null;
}

const count = (tokens: number): string =>
  tokens < 1000 ? `${tokens}` : tokens < 1e6 ? `${(tokens / 1e3).toFixed(1)}k` : `${(tokens / 1e6).toFixed(1)}M`;

export class StatusItems implements vscode.Disposable {
  private readonly health = vscode.languages.createLanguageStatusItem('autodao.health', LANGUAGES.map((language) => ({ language })));
  private readonly meter = vscode.window.createStatusBarItem('autodao.tokens', vscode.StatusBarAlignment.Right, 90);
  private last: Status | undefined;

  /** `usage` gives this day's report by template, for the tooltip. */
  constructor(private readonly usage: () => Promise<Report | undefined>) {
    this.health.name = 'AutoDAO';
    this.meter.name = 'AutoDAO: tokens of this session';
    this.meter.command = 'autodao.showUsage';
    this.ended(State.Starting);
  }

  ended(state: State.Starting | State.Stopped, problem?: string): void {
    this.health.busy = state === State.Starting;
    this.health.text = state === State.Starting ? 'AutoDAO: starting' : 'AutoDAO: stopped';
    this.health.detail = problem;
    this.health.severity = state === State.Starting ? vscode.LanguageStatusSeverity.Information : vscode.LanguageStatusSeverity.Error;
    this.health.command = { command: 'autodao.showLogs', title: 'Show logs' };
    if (state === State.Stopped) this.meter.hide();
  }

  running(version: string | undefined): void {
    this.health.busy = false;
    this.health.severity = vscode.LanguageStatusSeverity.Information;
    this.health.text = `AutoDAO ${version ?? ''}`;
    this.health.detail = vscode.workspace.isTrusted ? undefined : 'AI edits are off until you trust this workspace';
    this.health.command = { command: 'autodao.restart', title: 'Restart' };
  }

  async update(status: Status): Promise<void> {
    const cost = status.session.costMicros > 0 ? ` ${dollars(status.session.costMicros)}` : '';
    this.meter.text = `$(${status.running > 0 ? 'loading~spin' : 'pulse'}) ${count(status.session.tokens)} tok${cost}`;
    this.meter.accessibilityInformation = { label: `AutoDAO: ${status.session.tokens} tokens in this session` };
    const isFull = Object.values(status.budget).some((budget) => budget && budget.spent >= budget.limit);
    this.meter.backgroundColor = isFull ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    this.meter.tooltip = this.tooltip(status, undefined);
    this.meter.show();
    this.last = status;
    const report = status.day.edits > 0 ? await this.usage() : undefined;
    if (report && this.last === status) this.meter.tooltip = this.tooltip(status, report.rows[0]?.key);
  }

  private tooltip(status: Status, template: string | undefined): vscode.MarkdownString {
    const sums = (name: string, of: Sums): string => `| ${name} | ${of.edits} | ${of.tokens} | ${dollars(of.costMicros)} |`;
    const budget = (name: string, of: Budget | null | undefined, shown: (amount: number) => string): string[] =>
      of ? [`${name}: ${shown(of.spent)} of ${shown(of.limit)}`] : [];
    const tokens = (amount: number): string => `${amount} tokens`;
    const lines = [
      `**AutoDAO** ${status.model ?? 'no model'}`,
      ['| | edits | tokens | cost |', '|---|--:|--:|--:|', sums('session', status.session), sums('today', status.day)].join('\n'),
      ...(status.ratio ? [`Whole files would have taken ${status.ratio.toFixed(1)} times the tokens.`] : []),
      ...budget('Budget of the day', status.budget.day, dollars),
      ...budget('Budget of the day', status.budget.dayTokens, tokens),
      ...budget('Budget of the month', status.budget.month, dollars),
      ...budget('Budget of the month', status.budget.monthTokens, tokens),
      ...(template ? [`Most tokens today: ${template}`] : []),
    ];
    return new vscode.MarkdownString(lines.join('\n\n'));
  }

  dispose(): void {
    this.health.dispose();
    this.meter.dispose();
  }
}
