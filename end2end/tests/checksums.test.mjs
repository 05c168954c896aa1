// What arrives is what was sent: a checksum for each file, compared by the store, and told in the receipt.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { openBrowser } from '../browser.mjs';
import { crc64nvme } from '../crc64.mjs';
import { makeFew } from '../photos.mjs';
import { Sluice, freePorts } from '../sluice.mjs';
import { Bucket } from '../store.mjs';
import { Visitor } from '../visitor.mjs';

const MIB = 1 << 20;

/** A word that a line changes the first time it passes. */
const MARK = Buffer.from('the quick brown fox jumps over the lazy dog');

const ceph = (name) => process.env[`SLUICE_TEST_CEPH_${name}`];

let home;
let few;
let browser;
let files;

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'sluice-checksums-'));
  few = await makeFew(20);
  // As a form of some size, by one PUT, and in parts of 16 MiB.
  const sizes = { 'marked.jpg': 0, 'form.jpg': 7 * MIB, 'put.jpg': 9 * MIB + 1, 'parts.jpg': 35 * MIB + 7 };
  files = few.files.map(({ disk, path }) => ({ disk, path }));
  for (const [path, size] of Object.entries(sizes)) {
    const disk = join(home, path);
    await writeFile(disk, size ? randomBytes(size) : Buffer.concat([randomBytes(20_000), MARK, randomBytes(20_000)]));
    files.push({ disk, path });
  }
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await few?.remove();
  await rm(home, { recursive: true, force: true });
});

/** A line to a port of loopback, that changes one byte of the marked file when it passes for the first time. */
async function badLine(port, target) {
  const line = { passed: 0 };
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    client.on('data', (chunk) => {
      const at = chunk.indexOf(MARK);
      if (at >= 0 && line.passed++ === 0) chunk[at] ^= 1;
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => client.write(chunk));
    for (const [one, other] of [[client, upstream], [upstream, client]]) {
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
    }
  });
  await new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  line.stop = () => new Promise((resolve) => server.close(resolve));
  return line;
}

/** Sends the files and answers the visitor, and the receipt as it is saved. */
async function send(sluice) {
  const visitor = await Visitor.come(browser, sluice, { expected: [/status of 400/] });
  await visitor.accept();
  await visitor.chooseFiles(files.map((file) => file.disk));
  assert.equal(await visitor.verdict(), `All ${files.length} photos are in the bucket`);
  await visitor.page.getByTestId('receipt-link').click();
  await visitor.page.getByText('Verified').first().waitFor();
  const [download] = await Promise.all([
    visitor.page.waitForEvent('download'),
    visitor.page.getByRole('button', { name: 'JSON' }).click(),
  ]);
  return { visitor, receipt: JSON.parse(await readFile(await download.path(), 'utf8')) };
}

async function assertChecksums(receipt) {
  const told = Object.fromEntries(receipt.items.map((line) => [line.path, line.checksum]));
  const wanted = {};
  for (const { disk, path } of files) wanted[path] = `crc64nvme:${crc64nvme(await readFile(disk))}`;
  assert.deepEqual(told, wanted);
}

test('the receipt has the checksum of every file, as the store has it; what changes on its way is sent again', async () => {
  const [storePort, linePort] = await freePorts(2);
  const line = await badLine(linePort, storePort);
  const environment = {
    SLUICE_STORE_LISTEN: `127.0.0.1:${storePort}`,
    SLUICE_PUBLIC_BASES: `http://127.0.0.1:${linePort}/sluice`,
  };
  const sluice = await Sluice.start({ environment });
  try {
    const { visitor, receipt } = await send(sluice);
    await assertChecksums(receipt);
    assert.equal(line.passed, 2, 'the marked file was sent twice');
    const bucket = await sluice.bucket(visitor.batch.store);
    for (const item of receipt.items) {
      const head = await bucket.request('HEAD', item.key, { headers: { 'x-amz-checksum-mode': 'ENABLED' } });
      const kept = head.headers.get('x-amz-checksum-crc64nvme');
      assert.equal(`crc64nvme:${kept}`, item.checksum, `${item.path}: the store was sent it`);
      assert.equal(head.headers.get('x-amz-checksum-type'), 'FULL_OBJECT');
    }
    assert.deepEqual(visitor.errors, []);
    await visitor.leave();
  } finally {
    await sluice.stop();
    await line.stop();
  }
});

test('a store that does not look at checksums gets the same files', { skip: !ceph('ENDPOINT') && 'no Ceph' }, async () => {
  const base = `${ceph('ENDPOINT')}/${ceph('BUCKET')}`;
  const [accessKeyId, secretAccessKey] = [ceph('ACCESS_KEY_ID'), ceph('SECRET_ACCESS_KEY')];
  const bucket = new Bucket({ base, region: ceph('REGION'), accessKeyId, secretAccessKey });
  assert.ok((await bucket.request('PUT', '')).ok, 'the bucket is there');
  const allowed = ['POST', 'PUT', 'GET', 'DELETE'].map((method) => `<AllowedMethod>${method}</AllowedMethod>`);
  const rule = `<AllowedOrigin>*</AllowedOrigin>${allowed.join('')}<AllowedHeader>*</AllowedHeader>`;
  const body = `<CORSConfiguration><CORSRule>${rule}<ExposeHeader>ETag</ExposeHeader></CORSRule></CORSConfiguration>`;
  assert.ok((await bucket.request('PUT', '', { query: { cors: '' }, body })).ok);
  const environment = {
    SLUICE_BUCKET: ceph('BUCKET'),
    SLUICE_REGION: ceph('REGION'),
    SLUICE_ENDPOINT: ceph('ENDPOINT'),
    SLUICE_ROLE_ARN: ceph('ROLE_ARN'),
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  };
  const sluice = await Sluice.start({ environment });
  try {
    const { visitor, receipt } = await send(sluice);
    await assertChecksums(receipt);
    assert.deepEqual(visitor.errors, []);
    await visitor.leave();
  } finally {
    await sluice.stop();
  }
});
