// A meter between browser and server: passes TCP on and counts what goes towards the server.

import { connect, createServer } from 'node:net';

/**
 * Listens on loopback, on a port of its own, and passes everything on to `target()`, a port.
 *
 * `received` counts the bytes that the server got; `seen(bytes)` says whether they were among them, also across the
 * boundary of two packets, in one connection.
 */
export async function startMeter(target) {
  const meter = { port: 0, received: 0, connections: [] };
  const sockets = new Set();
  const server = createServer((client) => {
    const upstream = connect(target(), '127.0.0.1');
    const chunks = [];
    meter.connections.push(chunks);
    client.on('data', (chunk) => {
      meter.received += chunk.length;
      chunks.push(chunk);
    });
    for (const [one, other] of [[client, upstream], [upstream, client]]) {
      sockets.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  meter.port = server.address().port;
  meter.reset = () => {
    meter.received = 0;
    // Connections that are open go on: only what comes from now on counts.
    for (const chunks of meter.connections) chunks.length = 0;
  };
  meter.seen = (bytes) => meter.connections.some((chunks) => Buffer.concat(chunks).includes(bytes));
  meter.stop = () => new Promise((resolve) => {
    server.close(resolve);
    for (const socket of sockets) socket.destroy();
  });
  return meter;
}
