// A link with a round trip: what goes in comes out half of it later, in both directions. In user space, because a
// kernel's netem is not on every machine; a new connection costs a round trip more, as TCP's handshake does.

import { connect, createServer } from 'node:net';

/** Listens on one port of several loopback addresses, and passes all on to `target()`, a port. */
export async function startLink({ target, rtt, addresses }) {
  const sockets = new Set();
  const link = { rtt, connections: 0 };
  const servers = [];
  for (const address of addresses) {
    const server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
      link.connections += 1;
      const far = connect({ port: target(), host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
      const opened = performance.now() + link.rtt;
      pass(near, far, () => Math.max(performance.now() + link.rtt / 2, opened));
      pass(far, near, () => performance.now() + link.rtt / 2);
      for (const socket of [near, far]) {
        sockets.add(socket);
        socket.on('close', () => sockets.delete(socket));
      }
      near.on('error', () => far.destroy());
      far.on('error', () => near.destroy());
    });
    const port = servers[0]?.address().port ?? 0;
    await new Promise((resolve, reject) => server.once('error', reject).listen(port, address, resolve));
    servers.push(server);
  }
  link.port = servers[0].address().port;
  link.stop = async () => {
    for (const socket of sockets) socket.destroy();
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  };
  return link;
}

/** Bytes under way in one direction before the sender is told to wait. A wide link: the round trip is the subject. */
const WINDOW = 4 << 20;

function pass(from, to, due) {
  const queue = [];
  let held = 0;
  let timer = null;
  const deliver = () => {
    timer = null;
    while (queue.length > 0 && queue[0].at <= performance.now() + 0.5) {
      const { bytes } = queue.shift();
      if (bytes === null) return to.end();
      held -= bytes.length;
      to.write(bytes);
    }
    if (held < WINDOW && from.isPaused()) from.resume();
    if (queue.length > 0) timer = setTimeout(deliver, Math.max(0, queue[0].at - performance.now()));
  };
  const push = (bytes) => {
    queue.push({ at: due(), bytes });
    if (timer === null) timer = setTimeout(deliver, Math.max(0, queue[0].at - performance.now()));
  };
  from.on('data', (bytes) => {
    held += bytes.length;
    if (held >= WINDOW) from.pause();
    push(bytes);
  });
  from.on('end', () => push(null));
}
