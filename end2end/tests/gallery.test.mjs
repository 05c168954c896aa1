// The gallery: photographs are sent, looked at, downloaded, chosen and deleted; and nobody else sees them.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { DESKTOP, PHONE, accessibilityProblems, openBrowser, picture } from '../browser.mjs';
import { makeFew } from '../photos.mjs';
import { Sluice } from '../sluice.mjs';
import { Visitor } from '../visitor.mjs';

const photo = (name) => fileURLToPath(new URL(`../photos/${name}`, import.meta.url));
// In the order of their keys.
// The last one is so small that it is its own thumbnail.
const PHOTOS = ['astronaut.png', 'chelsea.png', 'coffee.png', 'hubble_deep_field.jpg', 'retina.jpg', 'rocket.jpg'];
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

let few;
let browser;
let sluice;
let admin;
let batch;
let bucket;

before(async () => {
  few = await makeFew(60);
  browser = await openBrowser();
  sluice = await Sluice.start();
  admin = await Visitor.come(browser, sluice);
  await admin.accept();
  await admin.chooseFiles(few.files.map((file) => file.disk));
  await admin.verdict();
  await admin.go();
  await admin.zone.waitFor();
  await admin.chooseFiles(PHOTOS.map(photo));
  await admin.verdict();
  batch = admin.batch;
  bucket = await sluice.bucket(batch.store);
});
after(async () => {
  await browser?.close();
  await sluice?.stop();
  await few?.remove();
});

const images = (page) => page.locator('[data-testid=image]:not([hidden])');
/** The cell of a photograph. */
const cell = (page, name) => images(page).filter({ has: page.locator(`text="${name}"`) });

/** Waits until as many pictures are drawn, for real. */
async function drawn(page, count) {
  await page.waitForFunction((count) => {
    const shown = [...document.querySelectorAll('[data-testid=image]:not([hidden]) img.is-there')];
    return shown.filter((image) => image.naturalWidth > 0).length >= count;
  }, count);
}

test('the photographs of a batch are seen, straight from the store', async () => {
  const { page } = admin;
  await admin.go(`/batches/${batch.batch}`);
  await page.getByRole('link', { name: 'Images' }).click();
  await page.getByTestId('gallery').waitFor();
  await drawn(page, PHOTOS.length);
  assert.equal(await page.getByTestId('gallery-count').innerText(), '6 files');
  const hosts = await page.$$eval('[data-testid=image] img[src]', (all) => all.map((image) => new URL(image.src).host));
  assert.ok(hosts.every((host) => host !== new URL(sluice.url).host), 'not one by way of the server');
  assert.deepEqual(await accessibilityProblems(page), []);
});

test('thumbnails lie beside the originals, small, and in no receipt', async () => {
  const { page } = admin;
  const below = `${batch.prefix}.sluice/thumbnails/`;
  const stored = async () => bucket.list(below);
  const large = PHOTOS.slice(0, -1);
  for (let wait = 0; (await stored()).size < large.length && wait < 100; wait++) await page.waitForTimeout(100);
  const sizes = await stored();
  assert.deepEqual([...sizes.keys()].sort(), large.map((_, index) => `${below}${index}`));
  for (const [key, size] of sizes) assert.ok(size > 500 && size < 40_000, `${key} has ${size} bytes`);
  await page.reload();
  await drawn(page, PHOTOS.length);
  const shown = await page.$$eval('[data-testid=image]:not([hidden]) img', (all) =>
    all.map((image) => [new URL(image.src).pathname.includes('/.sluice/thumbnails/'), image.naturalWidth, image.naturalHeight]));
  assert.equal(shown.pop()[0], false);
  for (const [small, width, height] of shown) assert.ok(small && Math.max(width, height) === 320, `${width} × ${height}`);
  const receipt = await page.evaluate(async (batch) => {
    const answer = await fetch('/api/rpc/receipt', {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ request: batch }),
    });
    return answer.json();
  }, batch.batch);
  assert.equal(receipt.state, 'verified');
  assert.equal(receipt.items.length, PHOTOS.length);
});

test('the preview is led by the keyboard, and gives it back', async () => {
  const { page } = admin;
  await page.getByTestId('gallery').focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  const preview = page.getByTestId('preview');
  await preview.getByRole('heading', { name: 'chelsea.png' }).waitFor();
  await page.waitForFunction(() => document.querySelector('[data-testid=preview] img').naturalWidth > 0);
  await picture(page, 'gallery-preview-desktop');
  assert.deepEqual(await accessibilityProblems(page), []);
  await page.keyboard.press('ArrowRight');
  await preview.getByRole('heading', { name: 'coffee.png' }).waitFor();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await preview.getByRole('heading', { name: 'astronaut.png' }).waitFor();
  await page.keyboard.press('Escape');
  await preview.waitFor({ state: 'hidden' });
  const focused = await page.evaluate(() => document.activeElement.dataset.testid);
  assert.equal(focused, 'gallery');
});

test('a search narrows a gallery to a part of the path, and a reload keeps it', async () => {
  const { page } = admin;
  const count = (words) => page.getByTestId('gallery-count').and(page.getByText(words, { exact: true })).waitFor();
  const field = page.getByLabel('Part of a name or folder');
  const places = () => images(page).evaluateAll((all) => all.map((image) => image.getAttribute('aria-setsize')));
  await admin.go(`/batches/${batch.batch}/images`);
  await drawn(page, PHOTOS.length);
  await field.fill('RO');
  await field.press('Enter');
  await count('2 files');
  await cell(page, 'astronaut.png').waitFor();
  await cell(page, 'rocket.jpg').waitFor();
  assert.deepEqual(await places(), ['2', '2']);
  assert.equal(new URL(page.url()).search, '?about=RO');
  assert.deepEqual(await accessibilityProblems(page), []);
  await page.reload();
  await count('2 files');
  assert.equal(await field.inputValue(), 'RO');
  // The wildcards of the database are nothing special.
  await field.fill('ro%.png');
  await field.press('Enter');
  await page.getByText('Nothing here has “ro%.png” in its name or folder.').waitFor();
  await picture(page, 'gallery-nothing-found');
  assert.deepEqual(await accessibilityProblems(page), []);
  await page.getByRole('button', { name: 'Show all' }).click();
  await count('6 files');
  assert.equal(new URL(page.url()).search, '');
  // What is chosen is always in what is shown.
  await page.locator('[aria-posinset="1"] [data-testid=image-tick]').click();
  await count('1 selected');
  await field.fill('rocket');
  await page.getByRole('button', { name: 'Search' }).click();
  await count('1 file');
  await field.fill('');
  await count('6 files');

  // The one of this batch, and ten of the batch before.
  await admin.go('/projects/default/images?about=rocket');
  await count('11 files');
  await admin.go(`/batches/${batch.batch}/images`);
  await drawn(page, PHOTOS.length);
});

test('what is downloaded is what was sent', async () => {
  const { page } = admin;
  await cell(page, 'retina.jpg').click();
  const preview = page.getByTestId('preview');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    preview.getByRole('button', { name: 'Download' }).click(),
  ]);
  assert.equal(download.suggestedFilename(), 'retina.jpg');
  assert.equal(sha256(await readFile(await download.path())), sha256(await readFile(photo('retina.jpg'))));
  await preview.getByRole('button', { name: 'Close' }).click();

  await page.getByTestId('gallery').focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Space');
  await page.keyboard.press('Shift+ArrowRight');
  assert.equal(await page.getByTestId('gallery-count').innerText(), '2 selected');
  const names = [];
  page.on('download', (download) => names.push(download.suggestedFilename()));
  await page.getByRole('button', { name: 'Download' }).click();
  for (let wait = 0; names.length < 2 && wait < 100; wait++) await page.waitForTimeout(100);
  assert.deepEqual(names.sort(), ['astronaut.png', 'chelsea.png']);
  await page.keyboard.press('Escape');
});

test('a project is one long gallery, of which a few dozen cells show any part', async () => {
  const { page } = admin;
  await admin.go('/projects/default/images');
  await drawn(page, PHOTOS.length);
  assert.equal(await page.getByTestId('gallery-count').innerText(), '66 files');
  await page.getByTestId('gallery').focus();
  await page.keyboard.press('End');
  await page.locator('[data-testid=image][aria-posinset="66"]:not([hidden])').waitFor();
  await drawn(page, 10);
  // A click, and everything to another one with Shift.
  await page.locator('[aria-posinset="60"] [data-testid=image-tick]').click();
  await page.locator('[aria-posinset="64"]:not([hidden])').click({ modifiers: ['Shift'] });
  await page.getByText('5 selected').waitFor();
  await page.keyboard.press('Escape');
  await page.getByText('66 files').waitFor();
});

for (const [size, viewport] of [['desktop', DESKTOP], ['phone', PHONE]]) {
  for (const colorScheme of ['light', 'dark']) {
    test(`${size}, ${colorScheme}: the gallery, some chosen, the question`, async () => {
      const visitor = await Visitor.come(browser, sluice, { colorScheme, viewport, session: await admin.session() });
      const { page } = visitor;
      const look = async (name) => {
        await picture(page, `gallery-${name}-${size}-${colorScheme}`);
        assert.deepEqual(await accessibilityProblems(page), [], name);
        const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(sideways <= 0, `${name} needs no scrolling sideways (${sideways} px)`);
      };
      await visitor.go('/projects/default/images');
      await drawn(page, 9);
      await look('project');
      for (const place of [1, 3]) await page.locator(`[aria-posinset="${place}"] [data-testid=image-tick]`).click();
      await page.getByText('2 selected').waitFor();
      await look('chosen');
      await page.getByRole('button', { name: 'Delete' }).click();
      await page.getByRole('heading', { name: 'Delete 2 files from the bucket?' }).waitFor();
      await look('delete');
      await page.getByRole('button', { name: 'Keep' }).click();
      await page.getByRole('button', { name: 'Clear', exact: true }).click();
      await page.locator('[aria-posinset="1"] .cell-face').click();
      await page.waitForFunction(() => document.querySelector('[data-testid=preview] img').naturalWidth > 0);
      await look('preview');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: '日本語' }).click();
      await page.getByRole('heading', { name: '画像' }).waitFor();
      assert.deepEqual(visitor.errors, []);
      await visitor.leave();
    });
  }
}

test('what is deleted is asked about, and then gone from the store', async () => {
  const { page } = admin;
  await admin.go(`/batches/${batch.batch}/images`);
  await drawn(page, PHOTOS.length);
  const key = `${batch.prefix}retina.jpg`;
  const status = async () => (await bucket.request('HEAD', key)).status;
  await page.locator('[aria-posinset="5"] [data-testid=image-tick]').click();
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Keep' }).click();
  assert.equal(await status(), 200);
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByTestId('delete-dialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByText('1 file was deleted.').waitFor();
  await page.getByText('5 files').waitFor();
  assert.equal(await status(), 404);
  const thumbnail = await bucket.request('HEAD', `${batch.prefix}.sluice/thumbnails/${PHOTOS.indexOf('retina.jpg')}`);
  assert.equal(thumbnail.status, 404);
  assert.equal((await bucket.request('HEAD', `${batch.prefix}rocket.jpg`)).status, 200);
  await admin.go(`/batches/${batch.batch}`);
  await page.getByRole('rowheader', { name: 'retina.jpg' }).waitFor();
  assert.deepEqual(admin.errors, []);
});

test('others see nothing of it', async () => {
  const bob = { name: 'bob', password: 'the boat on the lake' };
  const said = await sluice.command('user', 'add', bob.name);
  const link = new URL(/https?:\/\/\S+?\/welcome\?token=\S+/.exec(said)[0]);
  const visitor = await Visitor.come(browser, sluice, { expected: [/status of 40[34]/] });
  await visitor.page.goto(`${sluice.url}${link.pathname}${link.search}`);
  await visitor.page.getByLabel('Name', { exact: true }).fill(bob.name);
  await visitor.page.getByLabel('Password').fill(bob.password);
  await visitor.page.getByRole('button', { name: 'Start' }).click();
  await visitor.zone.waitFor();
  await visitor.go(`/batches/${batch.batch}/images`);
  await visitor.page.getByRole('alert').waitFor();
  assert.equal(await visitor.page.locator('img').count(), 0);
  await visitor.go('/projects/default/images');
  await visitor.page.getByText('Nothing is stored here yet.').waitFor();
  assert.equal(await visitor.page.locator('img').count(), 0);
  await visitor.leave();
});
