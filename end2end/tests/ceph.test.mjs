// The journey with Ceph as the store: an S3 and STS server that nobody here wrote.
// `cargo xtask ceph start` brings one up and prints the variables that this reads.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { assertArrived } from '../arrival.mjs';
import { openBrowser } from '../browser.mjs';
import { makeFolder } from '../photos.mjs';
import { Sluice } from '../sluice.mjs';
import { Bucket } from '../store.mjs';
import { assertPowerless } from '../thief.mjs';
import { Visitor } from '../visitor.mjs';

const of = (name) => process.env[`SLUICE_TEST_CEPH_${name}`];
const options = { skip: of('ENDPOINT') ? false : 'no SLUICE_TEST_CEPH_ENDPOINT' };

const CORS = `<CORSConfiguration><CORSRule>
  <AllowedOrigin>*</AllowedOrigin><AllowedMethod>POST</AllowedMethod><AllowedMethod>PUT</AllowedMethod>
  <AllowedMethod>GET</AllowedMethod><AllowedMethod>DELETE</AllowedMethod><AllowedHeader>*</AllowedHeader>
  <ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>7200</MaxAgeSeconds>
</CORSRule></CORSConfiguration>`;

let folder;
let browser;
let sluice;
let visitor;
let bucket;

before(async () => {
  if (options.skip) return;
  bucket = new Bucket({
    base: `${of('ENDPOINT')}/${of('BUCKET')}`,
    region: of('REGION'),
    accessKeyId: of('ACCESS_KEY_ID'),
    secretAccessKey: of('SECRET_ACCESS_KEY'),
  });
  assert.ok((await bucket.request('PUT', '')).ok, 'the bucket is there');
  assert.ok((await bucket.request('PUT', '', { query: { cors: '' }, body: CORS })).ok, 'it takes uploads from pages');
  const environment = {
    SLUICE_BUCKET: of('BUCKET'),
    SLUICE_REGION: of('REGION'),
    SLUICE_ENDPOINT: of('ENDPOINT'),
    SLUICE_ROLE_ARN: of('ROLE_ARN'),
    AWS_ACCESS_KEY_ID: of('ACCESS_KEY_ID'),
    AWS_SECRET_ACCESS_KEY: of('SECRET_ACCESS_KEY'),
  };
  folder = await makeFolder();
  browser = await openBrowser();
  sluice = await Sluice.start({ environment });
  visitor = await Visitor.come(browser, sluice);
  await visitor.accept();
});
after(async () => {
  await browser?.close();
  await sluice?.stop();
  await folder?.remove();
});

test('every photograph arrives in Ceph', options, async () => {
  await visitor.chooseFolder(folder.root);
  assert.equal(await visitor.verdict(), `All ${folder.files.length} photos are in the bucket`);
  assert.equal(visitor.batch.grant.kind, 'credentials');
  await assertArrived(bucket, visitor.batch.prefix, folder.files, { whole: false });
  assert.deepEqual(visitor.errors, []);
});

test('the credentials for Ceph write below their prefix and do nothing else', options, async () => {
  await assertPowerless(bucket, visitor.batch, `${visitor.batch.prefix}${folder.files[0].path.normalize('NFC')}`);
});
