// One origin for everybody: the pages of the peers below /bench/, and Sluice itself.

import { createReadStream, existsSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const TYPES = { '.html': 'text/html; charset=utf-8', '.mjs': 'text/javascript', '.css': 'text/css' };

/** Answers `/bench/…` from this folder, and passes the rest on to `target()`, a port; counts those requests. */
export async function startFront(target) {
  const front = { requests: 0 };
  const server = createServer((incoming, answer) => {
    const { pathname } = new URL(incoming.url, 'http://front');
    if (pathname.startsWith('/bench/')) return serve(pathname.slice('/bench/'.length), answer);
    front.requests += 1;
    const onward = request(
      { port: target(), host: '127.0.0.1', method: incoming.method, path: incoming.url, headers: incoming.headers },
      (theirs) => {
        answer.writeHead(theirs.statusCode, theirs.headers);
        theirs.pipe(answer);
      },
    );
    onward.on('error', () => answer.destroy());
    incoming.pipe(onward);
  });
  await new Promise((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  front.port = server.address().port;
  front.url = `http://127.0.0.1:${front.port}`;
  front.stop = () => new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections?.();
  });
  return front;
}

function serve(path, answer) {
  const file = join(HERE, normalize(path));
  if (!file.startsWith(HERE) || !existsSync(file)) return answer.writeHead(404).end();
  answer.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
  createReadStream(file).pipe(answer);
}
