/**
 * Says things to a WebSocket and prints each answer as JSON, then the code of the close, which it leaves to the server
 * unless told otherwise. Arguments: whose client ('framepipe' or 'node', its own), the URL, what to say.
 *
 * What to say is text; `-` closes.
 */
import { connect } from 'framepipe';

const [kind, url, ...lines] = process.argv.slice(2);
const print = (value) => console.log(JSON.stringify(value));

async function framepipe() {
  const ws = connect(url);
  for (const line of lines) if (line !== '-') ws.write(line);
  if (lines.includes('-')) ws.end();
  for await (const answer of ws) print(answer);
  print((await ws.closed).code);
}

async function node() {
  const ws = new globalThis.WebSocket(url);
  let due = lines.filter((line) => line !== '-').length;
  // Node's client drops what comes after its close().
  ws.onmessage = ({ data }) => {
    print(data);
    due--;
    if (due === 0 && lines.includes('-')) ws.close(1000);
  };
  ws.onclose = ({ code }) => print(code);
  await new Promise((resolve) => {
    ws.onopen = resolve;
  });
  for (const line of lines) if (line !== '-') ws.send(line);
}

await { framepipe, node }[kind]();
