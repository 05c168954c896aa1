// Thumbnails, whatever way the photographs go: by presigned URLs, and in a batch that is gone on with after a reload.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { openBrowser } from '../browser.mjs';
import { Sluice } from '../sluice.mjs';
import { Turnstile, Visitor } from '../visitor.mjs';

const photo = (name) => fileURLToPath(new URL(`../photos/${name}`, import.meta.url));
const PHOTOS = ['astronaut.png', 'chelsea.png', 'coffee.png', 'hubble_deep_field.jpg', 'retina.jpg'];

let browser;
let sluice;
let session;

before(async () => {
  browser = await openBrowser();
  sluice = await Sluice.start();
  session = await Visitor.firstSession(browser, sluice);
});
after(async () => {
  await browser?.close();
  await sluice?.stop();
});

/** Somebody who is signed in, and sends by that kind of grant. */
async function come(grant, expected = []) {
  const visitor = await Visitor.come(browser, sluice, { session, expected });
  visitor.asked = [];
  visitor.context.on('request', (request) => visitor.asked.push(new URL(request.url()).pathname.split('/').at(-1)));
  await visitor.asksFor(grant);
  await visitor.go();
  await visitor.zone.waitFor();
  return visitor;
}

/** The thumbnails of these items, once they are all there. */
async function thumbnails(visitor, items) {
  const { store, prefix } = visitor.batch;
  const bucket = await sluice.bucket(store);
  const wanted = items.map((index) => `${prefix}.sluice/thumbnails/${index}`);
  const there = async () => bucket.list(`${prefix}.sluice/`);
  for (let wait = 0; wait < 200; wait++) {
    const keys = await there();
    if (wanted.every((key) => keys.has(key))) break;
    await visitor.page.waitForTimeout(100);
  }
  const sizes = await there();
  for (const key of wanted) {
    assert.ok(sizes.get(key) > 500 && sizes.get(key) < 40_000, `${key} has ${sizes.get(key)} bytes`);
  }
  return sizes;
}

test('presigned URLs bring thumbnails as well, asked for by the page', async () => {
  const visitor = await come('signed_urls');
  await visitor.chooseFiles(PHOTOS.map(photo));
  assert.equal(await visitor.verdict(), `All ${PHOTOS.length} photos are in the bucket`);
  const there = await thumbnails(visitor, PHOTOS.map((_, index) => index));
  assert.equal(there.size, PHOTOS.length, 'and nothing else');
  const asked = visitor.asked.filter((path) => path === 'sign_thumbnails').length;
  assert.ok(asked >= 1 && asked <= 2, `${asked} requests for ${PHOTOS.length} thumbnails`);

  await visitor.go(`/batches/${visitor.batch.batch}/images`);
  await visitor.page.waitForFunction((count) => {
    const drawn = [...document.querySelectorAll('[data-testid=image]:not([hidden]) img.is-there')];
    const small = drawn.filter((image) => image.src.includes('/.sluice/thumbnails/') && image.naturalWidth > 0);
    return small.length === count;
  }, PHOTOS.length);
  assert.deepEqual(visitor.errors, []);
  await visitor.leave();
});

for (const grant of ['signed_urls', 'credentials']) {
  test(`a batch that is gone on with has thumbnails of what is sent then (${grant})`, async () => {
    const visitor = await come(grant, [/Failed to load resource/, /the page crashed/]);
    const turnstile = await Turnstile.before(visitor.page);
    await visitor.chooseFiles(PHOTOS.map(photo));
    while (turnstile.seen === 0) await visitor.page.waitForTimeout(20);
    await visitor.killTab();
    await visitor.comeBack();
    await visitor.phase('needs-files');
    await visitor.chooseFiles(PHOTOS.map(photo));
    assert.equal(await visitor.verdict(), `All ${PHOTOS.length} photos are in the bucket`);
    assert.equal(visitor.batches.length, 1, 'it is the same batch');
    await thumbnails(visitor, PHOTOS.map((_, index) => index));
    assert.deepEqual(visitor.errors, []);
    await visitor.leave();
  });
}
