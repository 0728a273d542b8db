// Formats Lua as `.stylua.toml` says, with StyLua built for WebAssembly:
//   node stylua.mjs PACKAGE [--write] FILE...    ends with 1 when a file is not as it would be

import { createRequire } from 'node:module';
import { readFileSync, writeFileSync } from 'node:fs';

const [packageFolder, ...rest] = process.argv.slice(2);
const stylua = createRequire(`${packageFolder}/`)('@johnnymorganz/stylua');
const writes = rest[0] === '--write';

// A configuration is used up by one call.
function configuration() {
  const config = stylua.Config.new();
  config.column_width = 110;
  config.indent_type = stylua.IndentType.Spaces;
  config.indent_width = 2;
  config.quote_style = stylua.QuoteStyle.AutoPreferSingle;
  return config;
}

let isBad = false;
for (const file of rest.slice(writes ? 1 : 0)) {
  const text = readFileSync(file, 'utf8');
  const formatted = stylua.formatCode(text, configuration(), undefined, stylua.OutputVerification.None);
  if (formatted === text) continue;
  if (writes) writeFileSync(file, formatted);
  else {
    isBad = true;
    console.log(`${file} is not formatted`);
  }
}
process.exitCode = isBad ? 1 : 0;
