// The other kinds of grant: one POST policy for the whole batch, and large files in parts to URLs that the server signed.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { assertArrived } from '../arrival.mjs';
import { openBrowser } from '../browser.mjs';
import { startFaulty } from '../faults.mjs';
import { makeBulk, makeFolder } from '../photos.mjs';
import { Visitor } from '../visitor.mjs';

/** Three parts of 16 MiB and a few bytes. */
const LARGE = 3 * (16 << 20) + 5;

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
after(async () => {
  await browser?.close();
  await sluice?.stop();
  await server?.remove();
});

/** Somebody whose batches get that kind of grant; `answers` fills with what this server tells the page, but for its code. */
async function come(grant) {
  const visitor = await Visitor.come(browser, sluice, { session });
  visitor.answers = [];
  visitor.page.on('response', async (response) => {
    const kind = response.headers()['content-type'] ?? '';
    if (!response.url().startsWith(sluice.url) || !/json|html/.test(kind)) return;
    visitor.answers.push(await response.text().catch(() => ''));
  });
  await visitor.asksFor(grant);
  await visitor.go();
  await faults.forget();
  return visitor;
}

async function send(visitor, folder) {
  await visitor.chooseFolder(folder.root);
  assert.equal(await visitor.verdict(), `All ${folder.files.length} photos are in the bucket`);
  const { store, prefix } = visitor.batch;
  await assertArrived(await sluice.bucket(store), prefix, folder.files, { whole: false });
  assert.deepEqual(visitor.errors, []);
}

/** No answer to the page has a secret in it: neither the owner's, nor a session's. */
async function assertNothingSecret(visitor) {
  const identity = JSON.parse(await readFile(join(sluice.environment.SLUICE_DATA_DIR, 'store', 'identity.json'), 'utf8'));
  assert.ok(visitor.answers.length > 5, 'there is something to look at');
  for (const answer of visitor.answers) {
    assert.ok(!answer.includes(identity.secret_access_key), 'the owner\'s key');
    assert.ok(!answer.includes('secret_access_key'), 'a session\'s key');
  }
}

test('one policy takes a whole folder, and the browser asks the store nothing before', async () => {
  const folder = await makeFolder({ many: 60 });
  const visitor = await come('post_policy');
  await send(visitor, folder);
  assert.equal(visitor.batch.grant.kind, 'post_policy');
  assert.equal((await faults.log('PostObject')).length, folder.files.length, 'each file is one form');
  assert.equal((await faults.log('PutObject')).length, 0);
  assert.equal(await faults.preflights(), 0);
  await assertNothingSecret(visitor);
  await visitor.leave();
  await folder.remove();
});

for (const grant of ['post_policy', 'signed_urls']) {
  test(`a large file goes in parts to URLs under ${grant}`, async () => {
    const bulk = await makeBulk(20, 30_000, `bulk-${grant}`, { large: LARGE });
    const visitor = await come(grant);
    await send(visitor, bulk);
    assert.equal((await faults.log('CreateMultipartUpload')).length, 1);
    assert.equal((await faults.log('UploadPart')).length, 4);
    assert.equal((await faults.log('CompleteMultipartUpload')).length, 1);
    await assertNothingSecret(visitor);
    await visitor.leave();
    await bulk.remove();
  });
}

test('a large file by URLs goes on where it was after its tab was killed', async () => {
  const bulk = await makeBulk(0, 0, 'bulk-resumed', { large: LARGE });
  const visitor = await Visitor.come(browser, sluice, { session, expected: [/Failed to load resource/, /the page crashed/] });
  await visitor.asksFor('signed_urls');
  await visitor.go();
  await faults.forget();
  await faults.plan({ operations: ['UploadPart'], fault: { latency: { milliseconds: 1_500, jitter: 1_500 } } });
  await visitor.chooseFolder(bulk.root);
  const there = async () => (await faults.log('UploadPart')).filter((entry) => entry.status === 200).length;
  while ((await there()) < 1) await new Promise((resolve) => setTimeout(resolve, 20));
  await visitor.killTab();
  await faults.plan();
  await visitor.comeBack();
  await visitor.phase('needs-files');
  await visitor.chooseFolder(bulk.root);
  assert.equal(await visitor.verdict(), 'Your photo is in the bucket');
  assert.equal((await faults.log('CreateMultipartUpload')).length, 1, 'the upload goes on');
  assert.ok((await faults.log('ListParts')).length >= 1);
  const { store, prefix } = visitor.batch;
  await assertArrived(await sluice.bucket(store), prefix, bulk.files, { whole: false });
  await visitor.leave();
  await bulk.remove();
});
