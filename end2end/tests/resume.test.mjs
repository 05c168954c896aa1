// What survives: a tab that is killed, a server that is killed, a file that changed, a second tab.

import assert from 'node:assert/strict';
import { appendFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';

import { assertArrived } from '../arrival.mjs';
import { accessibilityProblems, openBrowser, picture } from '../browser.mjs';
import { startFaulty } from '../faults.mjs';
import { makeBulk } from '../photos.mjs';
import { Visitor } from '../visitor.mjs';

/** Chromium says so of requests that die with a server or a tab. */
const BROKEN = [/Failed to load resource/, /the page crashed/];
/** Requests that may be under way at once, and were for nothing when a tab is killed. */
const IN_FLIGHT = 24;
const FILES = 160;

let bulk;
let browser;
let server;
let sluice;
let faults;
let session;

before(async () => {
  bulk = await makeBulk(FILES, 20_000);
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

const come = async () => {
  const visitor = await Visitor.come(browser, sluice, { expected: BROKEN, session });
  await visitor.go();
  return visitor;
};
const arrived = async (visitor, files) =>
  assertArrived(await sluice.bucket(visitor.batch.store), visitor.batch.prefix, files, { whole: false });
const slowly = { operations: ['PostObject', 'PutObject'], fault: { latency: { milliseconds: 400, jitter: 400 } } };

/** Waits until the store has so many of the files. */
async function stored(count) {
  while ((await faults.log('PostObject')).filter((entry) => entry.status === 204 || entry.status === 201).length < count) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('a tab that is killed half-way: the folder is chosen again, and only what was in flight is sent twice', async () => {
  const visitor = await come();
  await faults.forget();
  await faults.plan(slowly);
  await visitor.chooseFolder(bulk.root);
  await stored(FILES / 2);
  await visitor.killTab();
  const before = (await faults.log('PostObject')).length;
  await visitor.comeBack();
  await visitor.phase('needs-files');
  assert.deepEqual(await accessibilityProblems(visitor.page), []);
  await picture(visitor.page, 'resume-interrupted');
  await faults.plan();
  await visitor.chooseFolder(bulk.root);
  assert.equal(await visitor.verdict(), `All ${FILES} photos are in the bucket`);
  const sent = (await faults.log('PostObject')).length;
  assert.ok(before >= FILES / 2);
  assert.ok(sent <= FILES + IN_FLIGHT, `${sent} forms for ${FILES} files`);
  assert.equal(visitor.batches.length, 1, 'it is the same batch');
  await arrived(visitor, bulk.files);
  assert.deepEqual(visitor.errors, []);
  await visitor.page.reload();
  await visitor.zone.waitFor();
  assert.equal(await visitor.totals.count(), 0, 'what is over does not come back');
  await visitor.leave();
});

test('a folder that was dropped goes on without being dropped again, where the browser still allows it', async () => {
  const visitor = await come();
  await faults.forget();
  await faults.plan(slowly);
  await visitor.drop([bulk.root]);
  await stored(FILES / 4);
  await visitor.killTab();
  await visitor.comeBack();
  await faults.plan();
  // Either the browser lets the page read it again, or it wants one click, and here nobody answers its question.
  await visitor.page.locator('[data-phase="done"], [data-testid=reopen]').first().waitFor();
  if (await visitor.page.getByTestId('reopen').isVisible()) await visitor.drop([bulk.root]);
  assert.equal(await visitor.verdict(), `All ${FILES} photos are in the bucket`);
  assert.equal(visitor.batches.length, 1);
  await arrived(visitor, bulk.files);
  assert.deepEqual(visitor.errors, []);
  await visitor.leave();
});

test('a large file goes on with the parts that are there', async () => {
  const large = await makeBulk(1, 50_000_000, 'large');
  const visitor = await come();
  await faults.forget();
  await faults.plan({ operations: ['UploadPart'], skip: 2, fault: { stall: { body: 'request', after_bytes: 1_000_000 } } });
  await visitor.chooseFolder(large.root);
  while ((await faults.log('UploadPart')).filter((entry) => entry.status === 200).length < 2) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  // The answer has to reach the page as well.
  await new Promise((resolve) => setTimeout(resolve, 300));
  await visitor.killTab();
  await visitor.comeBack();
  await visitor.phase('needs-files');
  await faults.plan();
  await faults.forget();
  await visitor.chooseFolder(large.root);
  assert.equal(await visitor.verdict(), 'Your photo is in the bucket');
  const operations = (await faults.log()).map((entry) => entry.operation);
  assert.ok(operations.includes('ListParts'));
  assert.ok(!operations.includes('CreateMultipartUpload'), 'the upload is the same');
  assert.ok(operations.filter((operation) => operation === 'UploadPart').length <= 2, 'two parts were there');
  await arrived(visitor, large.files);
  assert.deepEqual(visitor.errors, []);
  await visitor.leave();
  await large.remove();
});

test('a file that changed in between is found and said', async () => {
  const small = await makeBulk(30, 5_000, 'changing');
  const visitor = await come();
  await faults.plan({ operations: ['PostObject', 'PutObject'], skip: 3, fault: { latency: { milliseconds: 60_000 } } });
  await visitor.chooseFolder(small.root);
  await visitor.phase('sending');
  await visitor.page.waitForTimeout(1_000);
  await visitor.killTab();
  const [changed] = small.files.slice(-1);
  await appendFile(changed.disk, 'more');
  await visitor.comeBack();
  await visitor.phase('needs-files');
  await faults.plan();
  await visitor.chooseFolder(small.root);
  await visitor.phase('done');
  await visitor.rows.filter({ hasText: 'IMG_00029' }).getByText('changed after you added it').waitFor();
  await visitor.page.getByTestId('close-anyway').click();
  await visitor.page.getByRole('heading', { name: '29 in the bucket, 1 not' }).waitFor();
  await arrived(visitor, small.files.slice(0, -1));
  await visitor.leave();
  await small.remove();
});

test('a second tab does not take the batch of the first, and takes it when the first is gone', async () => {
  const visitor = await come();
  await faults.forget();
  await faults.plan(slowly);
  await visitor.chooseFolder(bulk.root);
  await stored(10);
  const first = visitor.page;
  await visitor.openTab();
  await visitor.go();
  await visitor.zone.waitFor();
  await visitor.page.waitForTimeout(1_000);
  assert.equal(await visitor.totals.count(), 0, 'the second tab is free');
  await visitor.killTab(first);
  await visitor.page.reload();
  await visitor.phase('needs-files');
  await faults.plan();
  await visitor.chooseFolder(bulk.root);
  assert.equal(await visitor.verdict(), `All ${FILES} photos are in the bucket`);
  await arrived(visitor, bulk.files);
  await visitor.leave();
});

test('a batch that nobody wants to go on with can be put off, or taken out', async () => {
  const visitor = await come();
  await faults.plan({ operations: ['PostObject', 'PutObject'], skip: 5, fault: { latency: { milliseconds: 60_000 } } });
  await faults.forget();
  await visitor.chooseFolder(bulk.root);
  await stored(5);
  await visitor.killTab();
  await visitor.comeBack();
  await visitor.phase('needs-files');
  await visitor.page.getByTestId('not-now').click();
  await visitor.zone.waitFor();
  await visitor.page.reload();
  await visitor.phase('needs-files');
  await faults.plan();
  await visitor.page.getByTestId('cancel-all').click();
  await visitor.phase('done');
  await visitor.page.reload();
  await visitor.zone.waitFor();
  assert.deepEqual(visitor.errors, []);
  await visitor.leave();
});

test('the server is killed in the middle and started again', async () => {
  const visitor = await come();
  await faults.forget();
  await faults.plan(slowly);
  await visitor.chooseFolder(bulk.root);
  await stored(FILES / 4);
  await sluice.killAndStart();
  assert.equal(await visitor.verdict(), `All ${FILES} photos are in the bucket`);
  await arrived(visitor, bulk.files);
  await visitor.leave();
});

test('a network that goes away and comes back', async () => {
  const visitor = await come();
  await faults.forget();
  await faults.plan(slowly);
  await visitor.chooseFolder(bulk.root);
  await stored(FILES / 4);
  await visitor.context.setOffline(true);
  await visitor.page.waitForTimeout(2_000);
  await visitor.context.setOffline(false);
  assert.equal(await visitor.verdict(), `All ${FILES} photos are in the bucket`);
  await arrived(visitor, bulk.files);
  await visitor.leave();
});

test('a page that the browser puts to sleep goes on when it wakes', async () => {
  const visitor = await come();
  await faults.forget();
  await faults.plan(slowly);
  await visitor.chooseFolder(bulk.root);
  await stored(FILES / 4);
  const devtools = await visitor.context.newCDPSession(visitor.page);
  await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  await devtools.send('Page.setWebLifecycleState', { state: 'active' });
  assert.equal(await visitor.verdict(), `All ${FILES} photos are in the bucket`);
  await arrived(visitor, bulk.files);
  await visitor.leave();
});

test('connections on which nothing moves any more are cut and made again', async () => {
  const visitor = await come();
  await faults.forget();
  const stall = { body: 'request', after_bytes: 1_000, milliseconds: 120_000 };
  await faults.plan({ operations: ['PostObject'], skip: 10, count: 3, fault: { stall } });
  await visitor.chooseFolder(bulk.root);
  const begun = Date.now();
  assert.equal(await visitor.verdict(), `All ${FILES} photos are in the bucket`);
  assert.ok(Date.now() - begun < 100_000, 'nobody waited for the store');
  await arrived(visitor, bulk.files);
  await visitor.leave();
});

test('permissions that end too early, a busy store and answers that get lost are nobody\'s business', async () => {
  const visitor = await come();
  await faults.forget();
  await faults.plan(
    { operations: ['PostObject'], skip: 20, count: 1, fault: 'expired_token' },
    { operations: ['PostObject'], share: 0.05, fault: { slow_down: {} } },
    { operations: ['PostObject'], share: 0.03, fault: { cut: { when: 'after_write' } } },
    { operations: ['PostObject'], share: 0.03, fault: { opaque: { status: 500 } } },
  );
  await visitor.chooseFolder(bulk.root);
  assert.equal(await visitor.verdict(), `All ${FILES} photos are in the bucket`);
  await arrived(visitor, bulk.files);
  await visitor.leave();
});
