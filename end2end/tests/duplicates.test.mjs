// What the project holds already: found before it is sent, asked about once, and told in the receipt.

import assert from 'node:assert/strict';
import { readFile, utimes, writeFile } from 'node:fs/promises';
import { after, before, beforeEach, test } from 'node:test';

import { assertArrived } from '../arrival.mjs';
import { PHONE, accessibilityProblems, openBrowser, picture } from '../browser.mjs';
import { startFaulty } from '../faults.mjs';
import { makeBulk } from '../photos.mjs';
import { Visitor } from '../visitor.mjs';

/** Chromium says so of requests that die with a tab. */
const BROKEN = [/Failed to load resource/, /the page crashed/];
const FILES = 40;

let browser;
let server;
let sluice;
let faults;
let session;

before(async () => {
  browser = await openBrowser();
  server = await startFaulty();
  ({ sluice, faults } = server);
  session = await Visitor.firstSession(browser, sluice);
});
beforeEach(() => faults.plan());
after(async () => {
  await browser?.close();
  await sluice?.stop();
  await server?.remove();
});

const come = async (look) => {
  const visitor = await Visitor.come(browser, sluice, { expected: BROKEN, session, decides: true, ...look });
  await visitor.go();
  return visitor;
};

/** A folder that was sent before, by somebody who has left: what it holds, and the batch. */
async function sentBefore(name, files = FILES) {
  const bulk = await makeBulk(files, 20_000, name);
  const visitor = await come();
  await visitor.chooseFolder(bulk.root);
  assert.equal(await visitor.verdict(), `All ${files} photos are in the bucket`);
  const { batch, prefix } = visitor.batch;
  await visitor.leave();
  await faults.forget();
  return { bulk, batch, prefix };
}

/** Files that reached the store since the last look. */
const sent = async () => (await faults.log('PostObject', 'PutObject')).length;
const question = (visitor) => visitor.page.getByTestId('duplicates');
const asked = (visitor, count) => question(visitor).getByText(`${count} files are in this project already`).waitFor();
const states = (visitor) =>
  visitor.rows.getByTestId('row-state').evaluateAll((states) => states.map((state) => state.dataset.state));

/** Opens the receipt and saves it. */
async function receipt(visitor, kind = 'JSON') {
  const { page } = visitor;
  if ((await page.getByTestId('receipt-link').count()) > 0) await page.getByTestId('receipt-link').click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: kind, exact: true }).click(),
  ]);
  const text = await readFile(await download.path(), 'utf8');
  return kind === 'JSON' ? JSON.parse(text) : text;
}

test('a folder that is there already is found, skipped on the word, and in the receipt', async () => {
  const { bulk, batch, prefix } = await sentBefore('twice');
  const visitor = await come();
  await visitor.drop([bulk.root]);
  await asked(visitor, FILES);
  await visitor.phase('asking');
  await visitor.page.getByText('All else is done.').waitFor();
  assert.deepEqual(new Set(await states(visitor)), new Set(['same']));
  assert.deepEqual(await accessibilityProblems(visitor.page), []);
  await picture(visitor.page, 'duplicates-question');
  await visitor.page.getByTestId('skip-duplicates').click();
  assert.equal(await visitor.verdict(), `All ${FILES} photos were there already`);
  assert.equal(await sent(), 0, 'nothing is sent');
  assert.deepEqual(new Set(await states(visitor)), new Set(['skipped']));
  await picture(visitor.page, 'duplicates-skipped');

  const told = await receipt(visitor);
  assert.deepEqual(told.items, []);
  assert.equal(told.state, 'verified');
  const where = bulk.files.map(({ path, size }) => ({ path, size, batch, key: `${prefix}${path}` }));
  const byPath = (one, other) => (one.path < other.path ? -1 : 1);
  assert.deepEqual(told.skipped.sort(byPath), where.sort(byPath));
  const lines = (await receipt(visitor, 'CSV')).trim().split('\r\n');
  assert.equal(lines.length, 1 + FILES);
  assert.ok(lines.some((line) => line === `${where[0].path},${where[0].key},20000,,,,${batch},,,`), lines[1]);
  assert.equal(await visitor.page.getByTestId('receipt-skipped').locator('tbody tr').count(), FILES);
  assert.deepEqual(visitor.errors, []);
  await visitor.leave();
  await bulk.remove();
});

test('what changed under the same path and size is sent, and what is new, while the question waits', async () => {
  const { bulk } = await sentBefore('changed');
  const [changed] = bulk.files;
  const bytes = await readFile(changed.disk);
  bytes[7] ^= 1;
  await writeFile(changed.disk, bytes);
  // Not even the date tells.
  await utimes(changed.disk, new Date(2026, 1, 1), new Date(2026, 1, 1));
  const fresh = await makeBulk(3, 5_000, 'changed');
  const visitor = await come();
  await visitor.chooseFolder(bulk.root);
  await asked(visitor, FILES - 1);
  await visitor.chooseFiles(fresh.files.map((file) => file.disk));
  // Only what is to be sent counts. The phase alone may still be that of before the new ones came.
  await visitor.page.getByTestId('files-done').filter({ hasText: /^4$/ }).waitFor();
  await visitor.phase('asking');
  assert.equal(await sent(), 4, 'the changed one and the new ones are there before the answer');
  await visitor.page.getByTestId('skip-duplicates').click();
  assert.equal(await visitor.verdict(), `4 stored, ${FILES - 1} were there already`);
  assert.equal(await sent(), 4);
  const told = await receipt(visitor);
  assert.equal(told.items.length, 4);
  assert.ok(told.items.some((line) => line.path === changed.path));
  assert.ok(!told.skipped.some((line) => line.path === changed.path));
  assert.deepEqual(visitor.errors, []);
  await visitor.leave();
  await fresh.remove();
  await bulk.remove();
});

test('kept both, all is sent again and nothing of the first is touched', async () => {
  const { bulk, prefix } = await sentBefore('both');
  const visitor = await come();
  await visitor.chooseFolder(bulk.root);
  await asked(visitor, FILES);
  await visitor.page.getByTestId('send-duplicates').click();
  assert.equal(await visitor.verdict(), `All ${FILES} photos are in the bucket`);
  assert.equal(await sent(), FILES);
  const bucket = await sluice.bucket(visitor.batch.store);
  assert.notEqual(visitor.batch.prefix, prefix);
  for (const at of [prefix, visitor.batch.prefix]) await assertArrived(bucket, at, bulk.files, { whole: false });
  assert.deepEqual(visitor.errors, []);
  await visitor.leave();
  await bulk.remove();
});

test('replaced, the earlier copies go when the new ones are verified, also after a killed tab', async () => {
  const { bulk, batch, prefix } = await sentBefore('replaced');
  const visitor = await come();
  await visitor.chooseFolder(bulk.root);
  await asked(visitor, FILES);
  await visitor.page.getByText('the earlier copies are deleted once the new ones are verified').waitFor();
  await faults.plan({ operations: ['PostObject', 'PutObject'], fault: { latency: { milliseconds: 600, jitter: 200 } } });
  await visitor.page.getByTestId('replace-duplicates').click();
  while ((await sent()) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  await visitor.killTab();
  await visitor.comeBack();
  await visitor.phase('needs-files');
  assert.equal(await question(visitor).count(), 0, 'it is not asked twice');
  const bucket = await sluice.bucket(visitor.batch.store);
  await assertArrived(bucket, prefix, bulk.files, { whole: false });
  await faults.plan();
  await visitor.chooseFolder(bulk.root);
  assert.equal(await visitor.verdict(), `All ${FILES} photos are in the bucket`);
  await visitor.page.getByTestId('replaced').getByText(`${FILES} earlier copies were deleted`).waitFor();
  await picture(visitor.page, 'duplicates-replaced');
  assert.equal(visitor.batches.length, 1, 'it is the same batch');
  assert.deepEqual([...(await bucket.list(prefix)).keys()], [], 'nothing of the first is left');
  await assertArrived(bucket, visitor.batch.prefix, bulk.files, { whole: false });

  const told = await receipt(visitor);
  assert.equal(told.items.length, FILES);
  for (const { path, replaces } of told.items) assert.deepEqual(replaces, { batch, key: `${prefix}${path}`, fate: 'deleted' });
  const lines = (await receipt(visitor, 'CSV')).trim().split('\r\n');
  const [one] = bulk.files;
  assert.ok(lines.some((line) => line.endsWith(`,,${batch},${prefix}${one.path},deleted`)), lines[1]);
  assert.equal(await visitor.page.getByTestId('receipt-replaced').locator('tbody tr').count(), FILES);
  assert.deepEqual(await accessibilityProblems(visitor.page), []);
  await picture(visitor.page, 'receipt-replaced');
  assert.deepEqual(visitor.errors, []);
  await visitor.leave();
  await bulk.remove();
});

test('what the store refuses to delete is there still, and that is said', async () => {
  const { bulk, prefix } = await sentBefore('refused', 12);
  const refusal = { refusal: { status: 403, code: 'AccessDenied' } };
  await faults.plan({ operations: ['DeleteObject', 'DeleteObjects'], fault: refusal });
  const visitor = await come();
  await visitor.chooseFolder(bulk.root);
  await asked(visitor, 12);
  await visitor.page.getByTestId('replace-duplicates').click();
  assert.equal(await visitor.verdict(), 'All 12 photos are in the bucket');
  await visitor.page.getByText('12 earlier copies are still there. The receipt says which, and why.').waitFor();
  const bucket = await sluice.bucket(visitor.batch.store);
  for (const at of [prefix, visitor.batch.prefix]) await assertArrived(bucket, at, bulk.files, { whole: false });
  const told = await receipt(visitor);
  assert.equal(told.state, 'verified');
  assert.ok(told.items.every(({ replaces }) => replaces.fate === 'refused'));
  await visitor.page.getByText('still there: the store refuses to delete').first().waitFor();
  assert.deepEqual(visitor.errors, []);
  await visitor.leave();
  await bulk.remove();
});

test('the question and the answer survive a tab that is killed', async () => {
  const { bulk } = await sentBefore('killed');
  const visitor = await come();
  await visitor.chooseFolder(bulk.root);
  await visitor.phase('asking');
  await visitor.killTab();
  await visitor.comeBack();
  await asked(visitor, FILES);
  await visitor.phase('asking');
  const other = await come();
  assert.equal(await question(other).count(), 0, 'another window has no batch');
  await other.leave();
  await visitor.page.getByTestId('skip-duplicates').click();
  assert.equal(await visitor.verdict(), `All ${FILES} photos were there already`);
  assert.equal(await sent(), 0);
  assert.equal(visitor.batches.length, 1, 'it is the same batch');
  assert.equal((await receipt(visitor)).skipped.length, FILES);
  assert.deepEqual(visitor.errors, []);
  await visitor.leave();

  // Answered, and killed while the new ones are on their way.
  const fresh = await makeBulk(30, 20_000, 'killed');
  await faults.plan({ operations: ['PostObject', 'PutObject'], fault: { latency: { milliseconds: 600, jitter: 200 } } });
  const again = await come();
  await again.chooseFolder(bulk.root);
  await asked(again, FILES);
  await again.page.getByTestId('skip-duplicates').click();
  await again.verdict();
  await again.page.getByTestId('upload-more').click();
  await again.chooseFolder(bulk.root);
  await again.phase('asking');
  await again.chooseFiles(fresh.files.map((file) => file.disk));
  await again.phase('sending');
  await again.page.getByTestId('skip-duplicates').click();
  await again.page.getByTestId('skipped').waitFor();
  while ((await sent()) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  await again.killTab();
  await again.comeBack();
  await again.phase('needs-files');
  await faults.plan();
  assert.equal(await question(again).count(), 0, 'it is not asked twice');
  await again.chooseFiles(fresh.files.map((file) => file.disk));
  assert.equal(await again.verdict(), `30 stored, ${FILES} were there already`);
  assert.deepEqual(again.errors, []);
  await again.leave();
  await fresh.remove();
  await bulk.remove();
});

test('a guest is told nothing of what others sent', async () => {
  const { bulk } = await sentBefore('party');
  const admin = await come();
  await admin.go('/desk/links');
  await admin.page.getByRole('button', { name: 'New link' }).click();
  const form = admin.page.getByTestId('link-form');
  await form.getByLabel('Title').fill('Party');
  await form.getByRole('button', { name: 'Save' }).click();
  const address = new URL(await admin.page.getByLabel('Party').inputValue());
  await admin.leave();

  const guest = await Visitor.come(browser, sluice, { viewport: PHONE, decides: true });
  await guest.go(`${address.pathname}${address.search}`);
  await guest.page.getByRole('button', { name: 'Choose photos' }).click();
  await guest.zone.waitFor();
  const answers = [];
  guest.page.on('response', async (response) => {
    if (response.url().endsWith('/api/rpc/announce')) answers.push(await response.text());
  });
  await guest.chooseFolder(bulk.root);
  assert.equal(await guest.verdict(), `All ${FILES} photos are in the bucket`);
  assert.equal(await sent(), FILES);
  assert.ok(answers.length > 0);
  assert.ok(answers.every((answer) => !answer.includes('held')), 'nor is the worker');
  assert.deepEqual(guest.errors, []);
  await guest.leave();
  await bulk.remove();
});

for (const [name, look] of [
  ['phone', { viewport: PHONE }],
  ['dark', { colorScheme: 'dark' }],
]) {
  test(`the question fits: ${name}`, async () => {
    const { bulk } = await sentBefore(`look-${name}`, 12);
    const visitor = await come(look);
    await visitor.chooseFolder(bulk.root);
    await visitor.phase('asking');
    assert.deepEqual(await accessibilityProblems(visitor.page), []);
    await picture(visitor.page, `duplicates-${name}`);
    await visitor.page.getByTestId('cancel-all').click();
    await visitor.phase('done');
    await visitor.leave();
    await bulk.remove();
  });
}
