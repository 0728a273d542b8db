// Before its dependencies are installed: takes out of VS Code what the tests do not touch, what talks to services and
// what offers actions of its own. Run in its folder.

import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

const DEPENDENCIES = [
  '@devcontainers/cli', '@github/copilot-sdk', '@microsoft/mxc-sdk', '@vscode/copilot-api', '@vscode/deviceid',
  '@vscode/fs-copyfile', '@vscode/sandbox-runtime', '@vscode/sqlite3', '@vscode/vscode-languagedetection',
  '@vscode/windows-process-tree', '@vscode/windows-registry', 'katex', 'kerberos', 'ssh2',
];
const EXTENSIONS =
  /^(copilot|git|git-base|github|github-authentication|microsoft-authentication|mermaid-markdown-features|ms-vscode\..*|tunnel-forwarding|debug-.*|npm|grunt|gulp|jake|php-language-features|terminal-suggest|ipynb|notebook-renderers|media-preview|markdown-math|emmet|extension-editing|merge-conflict|typescript-language-features)$/;

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
for (const name of DEPENDENCIES) delete manifest.dependencies[name];
writeFileSync('package.json', JSON.stringify(manifest));
for (const name of readdirSync('extensions')) {
  if (EXTENSIONS.test(name)) rmSync(`extensions/${name}`, { recursive: true });
}
