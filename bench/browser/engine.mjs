// The engine alone, in the worker's WASM in a browser, with a network that answers at once: the time for a file must
// not grow with their number.

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Chromium } from './chromium.mjs';

const SITE = process.env.SLUICE_SITE_ROOT ?? fileURLToPath(new URL('../../target/site', import.meta.url));
const HERE = fileURLToPath(new URL('.', import.meta.url));
const TYPES = { '.js': 'text/javascript', '.html': 'text/html', '.wasm': 'application/wasm' };
/** The design's budget, in files a second. */
const BUDGET = 5_000;

const server = createServer(async ({ url }, answer) => {
  const { pathname } = new URL(url, 'http://here');
  const file = pathname.startsWith('/bench/') ? join(HERE, pathname.slice('/bench/'.length)) : join(SITE, pathname);
  const content = await readFile(file).catch(() => undefined);
  answer.writeHead(content ? 200 : 404, { 'content-type': TYPES[extname(file)] ?? 'text/plain' }).end(content);
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const browser = await Chromium.start();
try {
  await browser.open(`http://127.0.0.1:${server.address().port}/bench/engine.html`);
  await browser.until('typeof globalThis.run === "function"');
  console.log('\n| files | seconds | files/s | of the budget |\n| ---: | ---: | ---: | ---: |');
  for (const count of (process.argv[2] ?? '1000,10000,100000').split(',').map(Number)) {
    const seconds = await browser.value(`run(${count})`);
    const rate = count / seconds;
    console.log(`| ${count.toLocaleString('en')} | ${seconds.toFixed(2)} | ${rate.toFixed(0)} | ${(rate / BUDGET).toFixed(2)} |`);
  }
} finally {
  await browser.stop();
  server.close();
}
