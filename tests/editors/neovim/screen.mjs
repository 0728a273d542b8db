// What a terminal shows, as HTML: the escape sequences for colours and styles that tmux writes (ECMA-48, SGR).

const BASE = ['#000000', '#cd3131', '#0dbc79', '#e5e510', '#2472c8', '#bc3fbc', '#11a8cd', '#e5e5e5'];
const BRIGHT = ['#666666', '#f14c4c', '#23d18b', '#f5f543', '#3b8eea', '#d670d6', '#29b8db', '#ffffff'];

/** One of the 256 colours of xterm. */
function indexed(number) {
  if (number < 8) return BASE[number];
  if (number < 16) return BRIGHT[number - 8];
  if (number >= 232) return `rgb(${Array(3).fill(8 + (number - 232) * 10).join()})`;
  const level = (part) => (part === 0 ? 0 : 55 + part * 40);
  const at = number - 16;
  return `rgb(${[Math.floor(at / 36), Math.floor(at / 6) % 6, at % 6].map(level).join()})`;
}

/** The style after a sequence's numbers. */
function styled(style, codes) {
  let next = { ...style };
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at];
    if (code === 0) next = {};
    else if (code === 1) next.bold = true;
    else if (code === 3) next.italic = true;
    else if (code === 4) next.underline = true;
    else if (code === 7) next.reverse = true;
    else if (code === 22) next.bold = false;
    else if (code === 23) next.italic = false;
    else if (code === 24) next.underline = false;
    else if (code === 27) next.reverse = false;
    else if (code === 39) delete next.front;
    else if (code === 49) delete next.back;
    else if (code === 38 || code === 48) {
      const name = code === 38 ? 'front' : 'back';
      if (codes[at + 1] === 5) {
        next[name] = indexed(codes[at + 2]);
        at += 2;
      } else {
        next[name] = `rgb(${codes.slice(at + 2, at + 5).join()})`;
        at += 4;
      }
    } else if (code >= 30 && code < 38) next.front = BASE[code - 30];
    else if (code >= 40 && code < 48) next.back = BASE[code - 40];
    else if (code >= 90 && code < 98) next.front = BRIGHT[code - 90];
    else if (code >= 100 && code < 108) next.back = BRIGHT[code - 100];
  }
  return next;
}

function css({ front = '#e0e2ea', back = '#14161b', bold, italic, underline, reverse }) {
  const [color, background] = reverse ? [back, front] : [front, back];
  return `color:${color};background:${background};${bold ? 'font-weight:bold;' : ''}${italic ? 'font-style:italic;' : ''}${underline ? 'text-decoration:underline;' : ''}`;
}

/** A page with the screen as its only content. */
export function toHtml(screen) {
  let style = {};
  const parts = screen.trimEnd().split(/\x1b\[([\d;:]*)m/);
  const html = parts.map((part, at) => {
    if (at % 2 === 1) {
      style = styled(style, part.replaceAll(/4:\d/g, '4').split(/[;:]/).map(Number));
      return '';
    }
    return `<span style="${css(style)}">${part.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</span>`;
  });
  return `<body style="margin:0"><pre style="display:inline-block;margin:0;padding:8px;background:#14161b;font:14px/18px 'DejaVu Sans Mono',monospace">${html.join('')}</pre></body>`;
}
