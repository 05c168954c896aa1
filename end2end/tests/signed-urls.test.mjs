// The same folder, dropped on the page this time, by presigned URLs, as it goes on stores that have no temporary
// credentials.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { assertArrived } from '../arrival.mjs';
import { openBrowser } from '../browser.mjs';
import { makeFolder } from '../photos.mjs';
import { Sluice } from '../sluice.mjs';
import { Visitor } from '../visitor.mjs';

let folder;
let browser;
let sluice;
let visitor;

before(async () => {
  folder = await makeFolder();
  browser = await openBrowser();
  sluice = await Sluice.start();
  visitor = await Visitor.come(browser, sluice);
  await visitor.asksFor('signed_urls');
  await visitor.accept();
});
after(async () => {
  await browser?.close();
  await sluice?.stop();
  await folder?.remove();
});

test('every photograph arrives by presigned URLs, and nothing else does', async () => {
  await visitor.drop([folder.root]);
  assert.equal(await visitor.verdict(), `All ${folder.files.length} photos are in the bucket`);
  const { grant, store, prefix } = visitor.batch;
  assert.equal(grant.kind, 'signed_urls');
  assert.ok(!('secret_access_key' in grant), 'no key reaches the page');
  await assertArrived(await sluice.bucket(store), prefix, folder.files);
  assert.deepEqual(visitor.errors, []);
});

test('a presigned URL is good for its key and its method alone', async () => {
  const { batch, store } = visitor.batch;
  const call = (path, request) => visitor.page.evaluate(async ([path, request]) => {
    const answer = await fetch(`/api/rpc/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ request }),
    });
    return { status: answer.status, body: await answer.json() };
  }, [path, request]);

  const [project] = (await call('projects')).body;
  const opened = (await call('open_batch', { project: project.id, grant: 'signed_urls' })).body;
  const item = { index: 0, path: 'one.jpg', size: 5, media_type: 'image/jpeg' };
  const announced = (await call('announce', { batch: opened.batch, items: [item] })).body;
  assert.equal(announced.accepted[0].key, `${opened.prefix}one.jpg`);
  const signed = (await call('sign_urls', { batch: opened.batch, items: [0] })).body;
  const { url, headers } = signed.urls[0];
  const send = (target, method = 'PUT', body = 'hello') =>
    fetch(target, { method, headers: Object.fromEntries(headers), ...(method === 'PUT' && { body }) });

  assert.ok((await send(url.replace('one.jpg', 'two.jpg'))).status >= 400, 'another key');
  assert.ok((await send(url.replace(opened.batch, batch))).status >= 400, 'another batch');
  assert.ok((await send(url, 'GET')).status >= 400, 'reading');
  assert.ok((await send(url, 'DELETE')).status >= 400, 'deleting');
  assert.equal((await send(url)).status, 200);
  const bucket = await sluice.bucket(store);
  assert.deepEqual([...(await bucket.list(opened.prefix)).keys()], [`${opened.prefix}one.jpg`]);
});
