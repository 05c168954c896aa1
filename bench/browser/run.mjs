// Sluice beside its peers: the same files, the same browser, the same store behind the same link, one after the other.

import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';

import { ADMIN, Sluice } from '../../end2end/sluice.mjs';
import { becomeAdmin } from './admin.mjs';
import { Chromium } from './chromium.mjs';
import { startFront } from './front.mjs';
import { openBatch } from './grant.mjs';
import { startLink } from './link.mjs';
import { makePictures } from './pictures.mjs';
import { print } from './table.mjs';

const PEERS = ['put-loop', 'part-loop', 'uppy5', 'uppy6', 'post-loop', 'sluice'];
/** Bytes from which Sluice sends a file in parts, and the two loops change places: forms end at 5 GiB, parts begin at 5 MiB. */
const IN_PARTS = 32 << 20;
/** Host names of the one store: a browser opens six connections to each. */
const ADDRESSES = ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4'];
/** What leaves a whole object behind. */
const FINAL = ['PutObject', 'PostObject', 'CompleteMultipartUpload'];
/** Milliseconds after which a peer that does not move has failed. */
const PATIENCE = 120_000;

const { values: options } = parseArgs({
  options: {
    files: { type: 'string', default: '1000' },
    size: { type: 'string', default: '100000' },
    rtt: { type: 'string', default: '50' },
    peers: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const workload = { files: Number(options.files), size: Number(options.size), rtt: Number(options.rtt) };
const fits = (peer) => peer !== (workload.size < IN_PARTS ? 'part-loop' : 'post-loop');
const peers = options.peers?.split(',') ?? PEERS.filter(fits);
const unknown = peers.find((peer) => !PEERS.includes(peer));
if (unknown) throw new Error(`no such peer: ${unknown}; there are ${PEERS.join(', ')}`);

/** Notes when the page hears of the files: what comes before is the browser's own. */
const HEARD = "addEventListener('change', () => { window.heard ??= Date.now(); }, { capture: true, once: true })";

const pictures = await makePictures(workload.files, workload.size);
try {
  const results = [];
  for (const peer of peers) {
    process.stderr.write(`${peer}: ${workload.files} × ${workload.size} bytes over ${workload.rtt} ms … `);
    const result = await measure(peer);
    process.stderr.write(`${result.failure ?? `${result.rate.toFixed(1)} files/s`}\n`);
    results.push(result);
  }
  if (options.json) console.log(JSON.stringify({ workload, results }, null, 2));
  else print(workload, results);
} finally {
  await pictures.remove();
}

/** One peer, with a server, a store, a link and a browser of its own. */
async function measure(peer) {
  const world = await start();
  try {
    return await send(peer, world);
  } catch (error) {
    return { peer, failure: error.message.split('\n')[0] };
  } finally {
    await world.stop();
  }
}

async function start() {
  let sluice;
  const front = await startFront(() => sluice.meter.port);
  const link = await startLink({
    target: () => new URL(`http://${sluice.environment.SLUICE_STORE_LISTEN}`).port,
    rtt: workload.rtt,
    addresses: ADDRESSES,
  });
  const hosts = ADDRESSES.map((address) => `http://${address}:${link.port}`);
  // No faults: the file is what makes the store keep a log of requests.
  const plan = join(tmpdir(), `sluice-bench-${process.pid}.toml`);
  await writeFile(plan, 'seed = 1\n');
  sluice = await Sluice.start({
    environment: { SLUICE_PUBLIC_URL: front.url, SLUICE_PUBLIC_BASES: hosts.map((host) => `${host}/sluice`).join(',') },
    args: ['--faults', plan],
  });
  const browser = await Chromium.start();
  const stop = async () => {
    await browser.stop();
    await sluice.stop();
    await link.stop();
    await front.stop();
    await rm(plan);
  };
  const control = /^Faults for tests: (\S+)/m.exec(sluice.output)[1];
  return { sluice, front, link, hosts, browser, control, stop };
}

async function send(peer, world) {
  const { browser, front, control } = world;
  const names = pictures.paths.map((path) => basename(path));
  const selector = peer === 'sluice' ? await openSluice(world) : await openPeer(peer, world, names);
  const before = await browser.load();
  await browser.value(HEARD);
  front.requests = 0;
  await fetch(`${control}/log`, { method: 'DELETE' });
  const begun = Date.now();
  await browser.pick(selector, pictures.paths);
  const store = await untilStored(control, workload.files);
  const finished = peer === 'sluice' ? '!!document.querySelector("[data-phase=done]")' : '!!window.finished';
  await browser.until(finished, { patience: PATIENCE }).catch(() => {});
  const after = await browser.load();
  const heard = await browser.value('window.heard');
  const seconds = (store.last - begun) / 1000;
  return {
    peer,
    seconds,
    rate: workload.files / seconds,
    throughput: (workload.files * workload.size) / seconds / 1e6,
    handed: heard - begun,
    first: store.first - heard,
    busy: after.busy - before.busy,
    longest: after.longest,
    heap: after.heap - before.heap,
    preflights: store.preflights,
    requests: store.requests,
    server: front.requests,
    refused: store.refused,
    errors: browser.errors.length,
  };
}

async function openPeer(peer, { browser, front, sluice, hosts }, names) {
  await becomeAdmin(browser, sluice);
  const said = await sluice.command('token', 'create', '--person', ADMIN.name);
  const token = /slu_[A-Za-z0-9_]+/.exec(said)[0];
  const grant = await openBatch({ url: front.url, token, hosts, names, size: workload.size, parts: peer === 'part-loop' });
  await browser.open(`${front.url}/bench/peers/page.html?peer=${peer}`);
  await browser.until('typeof window.begin === "function"');
  await browser.value(`window.begin(${JSON.stringify(grant)})`);
  const selector = await browser.value('window.input');
  await browser.until(`!!document.querySelector(${JSON.stringify(selector)})`);
  return selector;
}

async function openSluice({ browser, front, sluice }) {
  await becomeAdmin(browser, sluice);
  await browser.open(`${front.url}/`);
  const selector = '[data-testid=file-input]';
  await browser.until(`document.querySelector('${selector}')?.disabled === false`);
  return selector;
}

/** Waits until the store has so many objects; answers what its log says. */
async function untilStored(control, count) {
  const keys = new Set();
  const store = { first: Infinity, last: 0, preflights: 0, requests: 0, refused: 0 };
  let after = 0;
  let moved = Date.now();
  while (keys.size < count) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    const log = await (await fetch(`${control}/log?after=${after}`)).json();
    after = log.last;
    for (const entry of log.entries) {
      store.requests += 1;
      if (entry.preflight) store.preflights += 1;
      else if (entry.operation === 'UploadPart') {
        store.first = Math.min(store.first, entry.began);
        moved = Date.now();
      } else if (!FINAL.includes(entry.operation)) continue;
      else if (entry.status >= 200 && entry.status < 300) {
        keys.add(entry.key);
        store.first = Math.min(store.first, entry.began);
        store.last = Math.max(store.last, entry.ended);
        moved = Date.now();
      } else store.refused += 1;
    }
    if (Date.now() - moved > PATIENCE) throw new Error(`stopped at ${keys.size} of ${count} files`);
  }
  return store;
}
