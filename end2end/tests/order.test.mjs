// What a person does with the list while files are sent: search it, hold a file back, send a folder first.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';

import { assertArrived } from '../arrival.mjs';
import { accessibilityProblems, openBrowser, picture } from '../browser.mjs';
import { startFaulty } from '../faults.mjs';
import { makeBulk } from '../photos.mjs';
import { Visitor } from '../visitor.mjs';

/** Requests that may be under way when the person changes the order. */
const IN_FLIGHT = 24;
const FILES = 200;

let bulk;
let browser;
let server;
let sluice;
let faults;
let session;
let visitor;

before(async () => {
  bulk = await makeBulk(FILES, 10_000, 'shoot', { folders: ['monday', 'tuesday'] });
  browser = await openBrowser();
  server = await startFaulty();
  ({ sluice, faults } = server);
  session = await Visitor.firstSession(browser, sluice);
});
after(async () => {
  await browser?.close();
  await sluice?.stop();
  await server?.remove();
  await bulk?.remove();
});
beforeEach(async () => {
  visitor = await Visitor.come(browser, sluice, { session });
  await visitor.page.addInitScript(() => {
    window.awake = [];
    const request = async () => {
      window.awake.push('stay');
      return { release: async () => window.awake.push('rest') };
    };
    Object.defineProperty(navigator, 'wakeLock', { value: { request } });
  });
  await visitor.go();
  await faults.forget();
  await faults.plan({ operations: ['PostObject', 'PutObject'], fault: { latency: { milliseconds: 500 } } });
  await visitor.chooseFolder(bulk.root);
  await visitor.phase('sending');
});
afterEach(async () => {
  await faults.plan();
  assert.equal(await visitor.verdict(), `All ${FILES} photos are in the bucket`);
  await assertArrived(await sluice.bucket(visitor.batch.store), visitor.batch.prefix, bulk.files, { whole: false });
  assert.deepEqual(visitor.errors, []);
  await visitor.leave();
});

const row = (name) => visitor.rows.filter({ hasText: name });

test('the list is searched by name and folder', async () => {
  await visitor.page.getByTestId('search').fill('img_00042');
  await row('IMG_00042.jpg').waitFor();
  assert.equal(await visitor.rows.count(), 1);
  await visitor.page.getByTestId('search').fill('Tuesday/');
  await visitor.page.locator(`[data-testid=row][aria-setsize="${FILES / 2}"]`).first().waitFor();
  assert.equal(await row('monday').count(), 0);
  assert.ok((await row('tuesday').count()) > 10);
  await visitor.page.getByTestId('search').fill('nowhere');
  await visitor.page.getByText('No file has that in its name').waitFor();
  await picture(visitor.page, 'upload-search');
  assert.deepEqual(await accessibilityProblems(visitor.page), []);
  await visitor.page.getByTestId('search').fill('');
  await row('IMG_00000.jpg').waitFor();
});

test('a file that is held back waits until it is let go', async () => {
  const held = bulk.files[FILES - 1];
  const name = held.path.split('/').at(-1);
  await visitor.page.getByTestId('search').fill(name);
  await row(name).getByRole('button', { name: /^Hold back/ }).click();
  await row(name).getByText('Held back').waitFor();
  await faults.plan();
  await visitor.page.getByTestId('files-done').getByText(`${FILES - 1} of ${FILES}`).waitFor();
  const sent = (await faults.log('PostObject')).filter((entry) => entry.key.endsWith(name));
  assert.equal(sent.length, 0);
  await row(name).getByRole('button', { name: /^Let go/ }).click();
});

test('a folder goes first', async () => {
  await visitor.page.getByTestId('search').fill('tuesday');
  await visitor.rows.locator('button.row-folder:enabled').last().click();
  const before = (await faults.log('PostObject')).length;
  await faults.plan();
  await visitor.verdict();
  const keys = (await faults.log('PostObject')).slice(before + IN_FLIGHT).map((entry) => entry.key);
  const lastOfTuesday = keys.findLastIndex((key) => key.includes('/tuesday/'));
  const mondays = keys.slice(0, lastOfTuesday).filter((key) => key.includes('/monday/'));
  assert.ok(lastOfTuesday > 20, `${lastOfTuesday}: there was something to put first`);
  assert.ok(mondays.length <= IN_FLIGHT, `${mondays.length} others went before it`);
});

test('the screen stays on while photographs are sent', async () => {
  await visitor.page.waitForFunction(() => window.awake.at(-1) === 'stay');
  await faults.plan();
  await visitor.verdict();
  await visitor.page.waitForFunction(() => window.awake.at(-1) === 'rest');
});
