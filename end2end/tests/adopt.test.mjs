// A batch that `sluice upload` began and did not finish is finished in the browser.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { assertArrived } from '../arrival.mjs';
import { accessibilityProblems, openBrowser } from '../browser.mjs';
import { startFaulty } from '../faults.mjs';
import { makeBulk } from '../photos.mjs';
import { ADMIN } from '../sluice.mjs';
import { Visitor } from '../visitor.mjs';

const FILES = 80;
const SENDING = ['PutObject', 'PostObject'];

let bulk;
let browser;
let server;
let sluice;
let faults;
let token;
let state;
let visitor;

before(async () => {
  bulk = await makeBulk(FILES, 20_000);
  state = await mkdtemp(join(tmpdir(), 'sluice-state-'));
  browser = await openBrowser();
  server = await startFaulty();
  ({ sluice, faults } = server);
  visitor = await Visitor.come(browser, sluice);
  await visitor.accept();
  token = /slu_\S+/.exec(await sluice.command('token', 'create', '--person', ADMIN.name))[0];
});
after(async () => {
  await browser?.close();
  await sluice?.stop();
  await server?.remove();
  await bulk?.remove();
  if (state) await rm(state, { recursive: true, force: true });
});

const ask = async (path) => {
  const answer = await fetch(`${sluice.url}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal(answer.status, 200, path);
  return answer.json();
};

test('the same folder finishes it, and what the ledger has as stored is not sent again', async () => {
  await faults.plan({ operations: SENDING, fault: { latency: { milliseconds: 500, jitter: 200 } } });
  const environment = { ...sluice.environment, SLUICE_URL: sluice.url, SLUICE_TOKEN: token };
  const args = ['upload', bulk.root, '--parallel', '4', '--state', state];
  const program = spawn(sluice.binary, args, { env: environment, stdio: 'ignore' });
  const ended = once(program, 'exit');
  let batch;
  const until = Date.now() + 60_000;
  while (!batch) {
    assert.equal(program.exitCode, null, 'it is still sending');
    assert.ok(Date.now() < until, 'something is reported as stored');
    batch = (await ask('/batches')).batches.find((one) => one.state === 'open' && one.stored > 0)?.batch;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  program.kill('SIGKILL');
  await ended;
  const before = await ask(`/batches/${batch}/items`);
  const stored = new Set(before.filter((item) => item.state === 'stored').map((item) => item.key));
  assert.ok(stored.size > 0 && stored.size < FILES, `${stored.size} are stored`);
  // As on another machine, the time is another.
  for (const file of bulk.files) await utimes(file.disk, new Date(), new Date());
  await faults.plan();
  await faults.forget();

  await visitor.go('/batches');
  await visitor.page.getByTestId('finish-batch').click();
  await visitor.phase('needs-files');
  assert.ok(visitor.page.url().endsWith(`/?batch=${batch}`));
  assert.deepEqual(await accessibilityProblems(visitor.page), []);
  await visitor.chooseFolder(bulk.root);
  assert.equal(await visitor.verdict(), `All ${FILES} photos are in the bucket`);

  const again = (await faults.log(...SENDING)).filter((entry) => stored.has(entry.key));
  assert.deepEqual(again, [], 'nothing that was stored is sent twice');
  assert.equal(visitor.batches.length, 0, 'no other batch was opened');
  const view = await ask(`/batches/${batch}`);
  assert.deepEqual([view.state, view.items, view.stored], ['verified', FILES, FILES]);
  await assertArrived(await sluice.bucket(view.store), view.prefix, bulk.files, { whole: false });
  const receipt = await ask(`/batches/${batch}/receipt`);
  assert.equal(receipt.items.length, FILES);
});

test('what is over is refused with a sentence', async () => {
  const [{ batch }] = (await ask('/batches')).batches;
  await visitor.go(`/?batch=${batch}`);
  await visitor.page.getByRole('alert').first().waitFor();
  await visitor.zone.waitFor();
  await visitor.leave();
});
