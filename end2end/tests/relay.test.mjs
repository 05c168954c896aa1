// A network that lets the browser reach this server, and none of the store's host names.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';

import { assertArrived } from '../arrival.mjs';
import { openBrowser } from '../browser.mjs';
import { makeFew } from '../photos.mjs';
import { Sluice } from '../sluice.mjs';
import { Visitor } from '../visitor.mjs';

/** Chromium says so of each request that the network refuses. */
const BLOCKED = [/Failed to load resource/];
const WHY = 'This network does not let your browser reach the storage directly, so your files go through this server. It is slower.';

let few;
let browser;
let sluice;
let session;
let visitor;
let toStore;
let throughServer;
let wall;
let open;

before(async () => {
  few = await makeFew(12);
  browser = await openBrowser();
  sluice = await Sluice.start();
  session = await Visitor.firstSession(browser, sluice);
});
after(async () => {
  await browser?.close();
  await sluice?.stop();
  await few?.remove();
});
beforeEach(async () => {
  visitor = await Visitor.come(browser, sluice, { expected: BLOCKED, session });
  [toStore, throughServer, wall] = [0, 0, true];
  const opened = new Promise((resolve) => (open = resolve));
  await visitor.page.route((url) => url.origin !== sluice.url, async (route) => {
    toStore += 1;
    return wall ? route.abort('connectionrefused') : route.continue();
  });
  // They wait until the test has seen what the page says.
  await visitor.page.route('**/api/relay/**', async (route) => {
    throughServer += 1;
    await opened;
    return route.continue();
  });
  await visitor.go();
});
afterEach(async () => {
  const { errors } = visitor;
  await visitor.leave();
  assert.deepEqual(errors, []);
});

const chooseAll = () => visitor.chooseFiles(few.files.map((file) => file.disk));
const arrived = async () =>
  assertArrived(await sluice.bucket(visitor.batch.store), visitor.batch.prefix, few.files, { whole: false });
const allow = (relay) => sluice.command('project', 'set', 'default', '--relay', relay);

test('where the project does not allow it, nothing goes through the server', async () => {
  await allow('never');
  await chooseAll();
  await visitor.phase('waiting');
  assert.equal(await visitor.page.getByTestId('relaying').count(), 0);
  wall = false;
  assert.equal(await visitor.verdict(), 'All 12 photos are in the bucket');
  assert.equal(throughServer, 0);
  await arrived();
});

test('where it does, every photograph arrives, and the page says how and why', async () => {
  await allow('when-blocked');
  await chooseAll();
  const notice = visitor.page.getByTestId('relaying');
  await notice.waitFor();
  assert.equal((await notice.innerText()).trim(), WHY);
  open();
  assert.equal(await visitor.verdict(), 'All 12 photos are in the bucket');
  assert.equal(await notice.count(), 0, 'over is over');
  assert.ok(toStore > 0, 'the store was tried first');
  assert.ok(throughServer >= 12);
  await arrived();

  await visitor.go(`/desk/batches/${visitor.batch.batch}`);
  const told = visitor.page.locator('dl.facts div').filter({ hasText: 'Sent through this server' });
  await told.getByText('12').waitFor();
});

test('in Japanese, too', async () => {
  await allow('when-blocked');
  await visitor.page.getByRole('button', { name: '日本語' }).click();
  await chooseAll();
  await visitor.page.getByTestId('relaying').filter({ hasText: 'このサーバーを経由して' }).waitFor();
  open();
  await visitor.phase('done');
  await arrived();
});
