// The ledger's report as a page: tables and charts, no script, nothing from elsewhere.

interface Rate {
  value: number;
}

export interface Summary {
  edits: number;
  requests: number;
  tokens: number;
  wasted_tokens: number;
  cost_micros: number;
  ratio: number | null;
  acceptance: Rate | null;
}

/** What `autodao/usage` answers, as far as it is shown. */
export interface Report {
  first: string;
  last: string;
  by: string;
  rows: { key: string; summary: Summary }[];
  total: Summary;
}

export const dollars = (micros: number): string => (micros === 0 ? '$0' : `$${(micros / 1e6).toFixed(micros < 1e6 ? 4 : 2)}`);

const share = (rate: Rate | null): string => (rate ? `${Math.round(rate.value * 100)} %` : '–');
const number = (value: number): string => value.toLocaleString('en-US');
const escape = (text: string): string => text.replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);

function table(report: Report, caption: string): string {
  const cells = (name: string, of: Summary): string =>
    `<tr><th scope="row">${escape(name)}</th><td>${number(of.edits)}</td><td>${number(of.tokens)}</td><td>${number(of.wasted_tokens)}</td>` +
    `<td>${dollars(of.cost_micros)}</td><td>${share(of.acceptance)}</td></tr>`;
  const heads = ['', 'Edits', 'Tokens', 'Wasted', 'Cost', 'Accepted'].map((head) => `<th scope="col">${head}</th>`).join('');
  const rows = report.rows.map(({ key, summary }) => cells(key, summary)).join('');
  return `<table><caption>${caption}</caption><thead><tr>${heads}</tr></thead><tbody>${rows}</tbody><tfoot>${cells('All', report.total)}</tfoot></table>`;
}

function bars(report: Report): string {
  const most = Math.max(1, ...report.rows.map(({ summary }) => summary.tokens));
  const width = 720 / Math.max(report.rows.length, 12);
  const shown = report.rows.map(({ key, summary }, at) => {
    const height = (summary.tokens / most) * 120;
    return `<rect x="${(at * width + 2).toFixed(1)}" y="${(124 - height).toFixed(1)}" width="${(width - 4).toFixed(1)}" height="${height.toFixed(1)}"><title>${escape(key)}: ${number(summary.tokens)} tokens</title></rect>`;
  });
  const label = `Tokens by day, at most ${number(most)}`;
  return `<figure><svg viewBox="0 0 720 126" role="img" aria-label="${label}">${shown.join('')}<line x1="0" y1="125" x2="720" y2="125"/></svg><figcaption>${label}. The table below has the numbers.</figcaption></figure>`;
}

/** The page. `nonce` is what its style is let in by. */
export function page(reports: { day: Report; template: Report; model: Report }, nonce: string): string {
  const { total, first, last } = reports.day;
  const facts: [string, string][] = [
    ['Edits', number(total.edits)],
    ['Tokens', number(total.tokens)],
    ['Cost', dollars(total.cost_micros)],
    ['Accepted', share(total.acceptance)],
    ['Whole files would take', total.ratio ? `${total.ratio.toFixed(1)} ×` : '–'],
  ];
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>AutoDAO: usage</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}'">
<style nonce="${nonce}">
body { font: var(--vscode-font-size) var(--vscode-font-family); color: var(--vscode-foreground); max-width: 60rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.4em; } dl { display: flex; flex-wrap: wrap; gap: 1rem; }
dl div { border: 1px solid var(--vscode-widget-border, var(--vscode-contrastBorder, currentColor)); border-radius: 4px; padding: .5rem 1rem; }
dt { opacity: .85; } dd { margin: 0; font-size: 1.5em; font-variant-numeric: tabular-nums; }
figure { margin: 1rem 0; } figcaption { opacity: .85; } svg { width: 100%; } rect { fill: var(--vscode-charts-blue); } line { stroke: var(--vscode-foreground); opacity: .4; }
table { border-collapse: collapse; width: 100%; margin: 1.5rem 0; font-variant-numeric: tabular-nums; } caption { text-align: left; font-weight: bold; padding-bottom: .3rem; }
td, th[scope=col] { text-align: right; } th[scope=row] { text-align: left; font-weight: normal; } td, th { padding: .2rem .5rem; border-bottom: 1px solid var(--vscode-widget-border, var(--vscode-contrastBorder, transparent)); }
tfoot td, tfoot th[scope=row] { font-weight: bold; }
</style></head><body><main>
<h1>AI edits, ${first} to ${last}</h1>
<p><a href="command:autodao.showUsage">Refresh</a></p>
<dl>${facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('')}</dl>
${bars(reports.day)}
${table(reports.template, 'By template')}
${table(reports.model, 'By model')}
${table(reports.day, 'By day')}
</main></body></html>`;
}
