// The gallery of a project with very many images: whether it scrolls smoothly, and how soon pictures are there.

import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';

import { ADMIN, Sluice } from '../../end2end/sluice.mjs';
import { becomeAdmin } from './admin.mjs';
import { Chromium } from './chromium.mjs';
import { PICTURE } from './pictures.mjs';

const { values: options } = parseArgs({ options: { images: { type: 'string', default: '100000' } } });
const IMAGES = Number(options.images);
/** Images of a batch. */
const BATCH = 1_000;
/** Requests to the store at once. */
const PARALLEL = 16;
/** Seconds of scrolling, and pixels in each frame: a fast turn of the wheel, and an image's height in two frames. */
const SECONDS = 10;
const STEP = 100;
/** Places that are jumped to, as by pulling the scroll bar. */
const JUMPS = 20;

const sluice = await Sluice.start();
const browser = await Chromium.start();
try {
  await becomeAdmin(browser, sluice);
  const store = { region: 'us-east-1', bases: [`http://${sluice.environment.SLUICE_STORE_LISTEN}/sluice`] };
  await fill(await sluice.bucket(store));
  // From the bucket into the ledger: the images are none that this server knows.
  await sluice.whileDown(() => sluice.command('import', '--person', ADMIN.name));
  await browser.open(`${sluice.url}/projects/default/images`);
  await browser.until('document.querySelectorAll(".cell-picture.is-there").length > 5');
  const steady = await browser.value(`(${scroll})(${SECONDS}, ${STEP})`);
  const jumps = await browser.value(`(${jump})(${JUMPS})`);
  const { longest } = await browser.load();
  const cells = await browser.value('document.querySelectorAll(".cell-picture").length');
  const high = await browser.value('document.querySelector("[data-testid=gallery]").scrollHeight');
  if (browser.errors.length > 0) throw new Error(browser.errors.join('\n'));
  console.log(`\n${IMAGES.toLocaleString('en')} images, ${cells} cells, ${high.toLocaleString('en')} pixels high\n`);
  print([
    ['frames a second while scrolling', (steady.frames / steady.seconds).toFixed(1)],
    ['frame, median', `${steady.median.toFixed(1)} ms`],
    ['frame, slowest of a hundred', `${steady.slow.toFixed(1)} ms`],
    ['frame, slowest of all', `${steady.slowest.toFixed(1)} ms`],
    ['longest task', `${Math.round(longest)} ms`],
    ['all pictures there after a jump, median', `${Math.round(jumps[Math.floor(jumps.length / 2)])} ms`],
    ['the same, slowest', `${Math.round(jumps.at(-1))} ms`],
  ]);
} finally {
  await browser.stop();
  await sluice.stop();
}

/** Puts the images where batches have theirs. */
async function fill(bucket) {
  const keys = [];
  for (let first = 0; first < IMAGES; first += BATCH) {
    const batch = uuid7(1_780_000_000_000 + first * 1_000);
    for (let at = first; at < Math.min(first + BATCH, IMAGES); at += 1) {
      keys.push(`photos/${batch}/IMG_${String(at).padStart(6, '0')}.png`);
    }
  }
  let next = 0;
  let stored = 0;
  const sender = async () => {
    while (next < keys.length) {
      const key = keys[next];
      next += 1;
      const answer = await bucket.request('PUT', key, { body: PICTURE, headers: { 'content-type': 'image/png' } });
      if (answer.status !== 200) throw new Error(`the store answered ${answer.status}`);
      await answer.arrayBuffer();
      stored += 1;
      if (stored % 10_000 === 0) process.stderr.write(`${stored} images\n`);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, sender));
}

/** A UUID of version 7, as batches have: milliseconds, then chance (RFC 9562, section 5.7). */
function uuid7(milliseconds) {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(milliseconds, 0, 6);
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** In the page: turns the wheel, and takes the time of each frame. */
async function scroll(seconds, step) {
  const frame = document.querySelector('[data-testid=gallery]');
  const times = [];
  const begun = performance.now();
  let last = begun;
  while (last - begun < seconds * 1_000) {
    frame.scrollTop += step;
    const now = await new Promise((resolve) => requestAnimationFrame(resolve));
    times.push(now - last);
    last = now;
  }
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
  return { frames: times.length, seconds: (last - begun) / 1_000, median: at(0.5), slow: at(0.99), slowest: at(1) };
}

/** In the page: jumps somewhere, and waits until every picture in view is there; the times in order. */
async function jump(times) {
  const frame = document.querySelector('[data-testid=gallery]');
  const edge = frame.getBoundingClientRect();
  const waits = [];
  for (let turn = 1; turn <= times; turn += 1) {
    frame.scrollTop = (frame.scrollHeight * ((turn * 7) % times)) / times;
    const begun = performance.now();
    for (;;) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      const seen = [...document.querySelectorAll('.cell-picture')].filter((picture) => {
        const { top, bottom } = picture.getBoundingClientRect();
        return bottom > edge.top && top < edge.bottom;
      });
      if (seen.length > 0 && seen.every((picture) => picture.classList.contains('is-there'))) break;
      if (performance.now() - begun > 20_000) throw new Error('pictures did not come');
    }
    waits.push(performance.now() - begun);
  }
  return waits.sort((a, b) => a - b);
}

function print(rows) {
  console.log('| | |\n| --- | ---: |');
  for (const row of rows) console.log(`| ${row.join(' | ')} |`);
}
