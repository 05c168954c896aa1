// The table, and the ratios to Uppy 6.

const COLUMNS = [
  ['', (it) => it.peer],
  ['files/s', (it) => it.rate.toFixed(1)],
  ['× Uppy 6', (it, base) => (base ? (it.rate / base.rate).toFixed(2) : '–')],
  ['MB/s', (it) => it.throughput.toFixed(1)],
  ["the browser's own", (it) => `${it.handed} ms`],
  ['first byte after it', (it) => `${Math.max(0, it.first)} ms`],
  ['main thread', (it) => `${it.busy.toFixed(1)} s of ${it.seconds.toFixed(1)}`],
  ['longest task', (it) => `${Math.round(it.longest)} ms`],
  ['heap', (it) => `${(it.heap / 1e6).toFixed(1)} MB`],
  ['OPTIONS', (it) => String(it.preflights)],
  ['at the store', (it) => String(it.requests)],
  ['at the server', (it) => String(it.server)],
  ['refused', (it) => String(it.refused)],
];

/** Prints a table in Markdown. */
export function print({ files, size, rtt }, results) {
  const base = results.find((it) => it.peer === 'uppy6' && !it.failure);
  console.log(`\n${files} × ${size.toLocaleString('en')} bytes, ${rtt} ms of round trip\n`);
  const rows = [COLUMNS.map(([title]) => title), COLUMNS.map((_, at) => (at === 0 ? '---' : '---:'))];
  for (const result of results) {
    rows.push(result.failure
      ? [result.peer, result.failure, ...COLUMNS.slice(2).map(() => '')]
      : COLUMNS.map(([, read]) => read(result, base)));
  }
  for (const row of rows) console.log(`| ${row.join(' | ')} |`);
}
