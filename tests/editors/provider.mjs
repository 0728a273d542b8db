// A model on loopback that speaks as OpenAI's chat completions do. What it answers depends on the target alone:
//   a target that names `slow`   one token, then nothing until the client hangs up
//   a target that names `worse`  the target with an `unwrap()` more
//   any other                    the target with `a + 1` made `a.saturating_add(1)`
// As a program it prints its address as a line and ends with its standard input.

import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

const USAGE = { prompt_tokens: 120, completion_tokens: 30, total_tokens: 150 };

/** The fenced text of the target in a prompt. */
function targetOf(body) {
  const prompt = body.messages.at(-1).content;
  return /^Target .*\n(`{3,})\w*\n([\s\S]*?)\n?\1/m.exec(prompt)?.[2] ?? '';
}

function answer(target) {
  const is = (name) => new RegExp(`\\b${name}\\b`).test(target);
  return is('worse') ? target.replace('a + 1', 'Some(a).unwrap() + 1') : target.replace('a + 1', 'a.saturating_add(1)');
}

/** Starts one. `asked` are the requests so far, `hangUps` how many clients left while it was silent. */
export async function startProvider() {
  const state = { asked: [], hangUps: 0 };
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (piece) => (text += piece));
    request.on('end', () => {
      if (request.method === 'GET') {
        response.setHeader('content-type', 'application/json');
        return response.end(JSON.stringify({ asked: state.asked.length, hangUps: state.hangUps, authorization: state.asked.at(-1)?.authorization }));
      }
      const body = JSON.parse(text);
      state.asked.push({ body, authorization: request.headers.authorization });
      const send = (part) => response.write(`data: ${JSON.stringify({ id: '1', object: 'chat.completion.chunk', model: body.model, ...part })}\n\n`);
      const say = (content, finish_reason = null) => send({ choices: [{ index: 0, delta: { content }, finish_reason }] });
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const target = targetOf(body);
      if (/\bslow\b/.test(target)) {
        say('```');
        response.on('close', () => (state.hangUps += 1));
        return undefined;
      }
      const reply = `\`\`\`\n${answer(target)}\n\`\`\`\n`;
      for (const piece of reply.match(/[\s\S]{1,16}/g)) say(piece);
      say('', 'stop');
      send({ choices: [], usage: USAGE });
      response.end('data: [DONE]\n\n');
      return undefined;
    });
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${server.address().port}`;
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return Object.assign(state, { url, stop });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const provider = await startProvider();
  process.stdout.write(`${provider.url}\n`);
  process.stdin.on('end', provider.stop).resume();
}
