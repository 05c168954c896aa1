// From the printed link to a folder of photographs in the bucket, with temporary credentials.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

import { assertArrived } from '../arrival.mjs';
import { accessibilityProblems, openBrowser, picture } from '../browser.mjs';
import { makeFolder } from '../photos.mjs';
import { Sluice } from '../sluice.mjs';
import { assertPowerless } from '../thief.mjs';
import { Visitor } from '../visitor.mjs';

/** The most that the server may receive for a batch, in bytes a file. */
const BUDGET = 400;

let folder;
let browser;
let sluice;
let visitor;
let bucket;

before(async () => {
  folder = await makeFolder();
  browser = await openBrowser();
  sluice = await Sluice.start();
  visitor = await Visitor.come(browser, sluice);
});
after(async () => {
  await browser?.close();
  await sluice?.stop();
  await folder?.remove();
});

test('the printed link makes the first admin, and works once', async () => {
  await visitor.accept();
  await picture(visitor.page, 'upload-empty');
  assert.deepEqual(visitor.errors, []);

  const second = await Visitor.come(browser, sluice, { expected: [/status of 4\d\d/] });
  await second.page.goto(`${sluice.url}${sluice.welcomeUrl.pathname}${sluice.welcomeUrl.search}`);
  await second.page.getByLabel('Name').fill('mallory');
  await second.page.getByLabel('Password').fill('a long enough password');
  await second.page.getByRole('button', { name: 'Start' }).click();
  await second.page.getByRole('alert').filter({ hasText: /\S/ }).waitFor();
  assert.equal(await second.zone.isVisible(), false);
  await second.leave();
});

test('every photograph arrives in the bucket, and nothing else does', async () => {
  sluice.meter.reset();
  await visitor.chooseFolder(folder.root);
  assert.equal(await visitor.verdict(), `All ${folder.files.length} photos are in the bucket`);
  await picture(visitor.page, 'upload-done');
  assert.equal(visitor.batch.grant.kind, 'credentials');
  bucket = await sluice.bucket(visitor.batch.store);
  await assertArrived(bucket, visitor.batch.prefix, folder.files);
  assert.deepEqual(visitor.errors, []);
});

test('what could not be taken is said, with the reasons', async () => {
  const leftOut = visitor.page.getByTestId('left-out');
  for (const summary of await leftOut.locator('summary').all()) await summary.click();
  const shown = await leftOut.innerText();
  for (const file of folder.refused) assert.ok(shown.includes(file.path), `${file.path} is listed`);
  assert.match(shown, /Empty: no bytes in it/);
  assert.match(shown, /Not a kind of file that this project takes/);
  for (const file of folder.files) assert.ok(!shown.includes(file.path), `${file.path} is not`);
  await picture(visitor.page, 'upload-left-out');
  assert.deepEqual(await accessibilityProblems(visitor.page), []);
});

test('the server received next to nothing, and nothing of any file', async (t) => {
  const perFile = sluice.meter.received / folder.files.length;
  t.diagnostic(`${sluice.meter.received} bytes received, ${perFile.toFixed(0)} a file`);
  assert.ok(perFile < BUDGET, `${perFile} bytes a file`);
  for (const file of folder.files) {
    const bytes = await readFile(join(dirname(folder.root), file.path));
    const middle = Math.floor(bytes.length / 2);
    assert.equal(sluice.meter.seen(bytes.subarray(middle, middle + 24)), false, file.path);
  }
});

test('the receipt lists the batch', async () => {
  await visitor.page.getByTestId('receipt-link').click();
  await visitor.page.getByRole('heading', { name: /^Receipt/ }).waitFor();
  await visitor.page.getByText('Verified').first().waitFor();
  const [download] = await Promise.all([
    visitor.page.waitForEvent('download'),
    visitor.page.getByRole('button', { name: 'JSON' }).click(),
  ]);
  const receipt = JSON.parse(await readFile(await download.path(), 'utf8'));
  const paths = folder.files.map((file) => file.path.normalize('NFC'));
  assert.deepEqual(receipt.items.map((line) => line.path).sort(), paths.sort());
  await picture(visitor.page, 'receipt');
  assert.deepEqual(await accessibilityProblems(visitor.page), []);
  assert.deepEqual(visitor.errors, []);
});

test('the credentials that the page got write below their prefix and do nothing else', async () => {
  await assertPowerless(bucket, visitor.batch, `${visitor.batch.prefix}${folder.files[0].path.normalize('NFC')}`);
});

test('nothing that is secret was logged or printed', () => {
  const { grant } = visitor.batch;
  assert.ok(!sluice.output.includes(grant.secret_access_key));
  assert.ok(!sluice.output.includes(grant.session_token));
  assert.ok(!sluice.output.includes('X-Amz-Signature'));
  for (const file of folder.files) assert.ok(!sluice.output.includes(file.path.split('/').at(-1)), file.path);
});
