// After its dependencies are installed: two of VS Code's native modules would have to be compiled. What they do is
// little. Without the logger, output channels stay empty: they are files that it writes. Run in VS Code's folder.

import { writeFileSync } from 'node:fs';

const LOGGER = `'use strict';
const { appendFileSync, mkdirSync } = require('node:fs');
const { dirname } = require('node:path');
const names = ['trace', 'debug', 'info', 'warning', 'error', 'critical'];
let common = 2;
class Logger {
  constructor(kind, name, file) {
    Object.assign(this, { name, file, level: common, plain: false });
    if (file) { mkdirSync(dirname(file), { recursive: true }); appendFileSync(file, ''); }
  }
  write(level, text) {
    if (level < this.level || !this.file) return;
    const time = new Date().toISOString().slice(0, 23).replace('T', ' ');
    appendFileSync(this.file, this.plain ? text : time + ' [' + names[level] + '] ' + text + '\\n');
  }
  getLevel() { return this.level; }
  setLevel(level) { this.level = level; }
  clearFormatters() { this.plain = true; }
  setPattern() {}
  flush() {}
  drop() {}
}
['trace', 'debug', 'info', 'warn', 'error', 'critical'].forEach((name, level) => {
  Logger.prototype[name] = function (text) { this.write(level, text); };
});
const create = async (name, file) => new Logger('file', name, file);
// Names of their own: VS Code imports them as those of a module.
exports.version = 0;
exports.Logger = Logger;
exports.setLevel = (level) => { common = level; };
exports.setFlushOn = () => {};
exports.createRotatingLogger = create;
exports.createAsyncRotatingLogger = create;
`;

writeFileSync('node_modules/@vscode/spdlog/index.js', LOGGER);
writeFileSync('node_modules/@vscode/native-watchdog/index.js', 'exports.start = () => {};\nexports.exit = (code) => process.exit(code ?? 0);\n');
