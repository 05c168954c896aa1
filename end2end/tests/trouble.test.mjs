// What goes wrong, and what people change their minds about.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';

import { assertArrived } from '../arrival.mjs';
import { openBrowser, picture } from '../browser.mjs';
import { makeFew } from '../photos.mjs';
import { Sluice } from '../sluice.mjs';
import { Turnstile, Visitor } from '../visitor.mjs';

const SIGN_IN = /\/sign-in(\?|$)/;
/** Chromium says so of each request that a test breaks. */
const BROKEN = [/Failed to load resource/];

let few;
let browser;
let sluice;
let session;
let visitor;

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
  visitor = await Visitor.come(browser, sluice, { expected: BROKEN, session });
  await visitor.go();
});
afterEach(async () => {
  const { errors } = visitor;
  await visitor.leave();
  assert.deepEqual(errors, []);
});

const chooseAll = () => visitor.chooseFiles(few.files.map((file) => file.disk));
const arrived = async (files) =>
  assertArrived(await sluice.bucket(visitor.batch.store), visitor.batch.prefix, files, { whole: false });
const rowOf = (file) => visitor.rows.filter({ hasText: file.path });

test('a wrong password is refused, and does not say which part is wrong', async () => {
  await visitor.context.clearCookies();
  const alert = visitor.page.getByRole('alert').filter({ hasText: /\S/ });
  await visitor.go('/sign-in');
  await visitor.enter({ name: 'ansel', password: 'moonrise over hernandez' });
  const wrongPassword = await alert.innerText();
  await visitor.go('/sign-in');
  await visitor.enter({ name: 'nobody', password: 'moonrise over hernandez' });
  assert.equal(await alert.innerText(), wrongPassword);
  await visitor.go('/');
  await visitor.page.waitForURL(SIGN_IN);
});

test('guessing is slowed down', async () => {
  await visitor.context.clearCookies();
  await visitor.go('/sign-in');
  const answers = await visitor.page.evaluate(async () => {
    const statuses = [];
    for (let attempt = 0; attempt < 12; attempt += 1) {
      const answer = await fetch('/api/rpc/sign_in', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ request: { name: 'victim', password: `guess number ${attempt}` } }),
      });
      statuses.push(answer.status);
    }
    return statuses;
  });
  assert.equal(answers[0], 401);
  assert.equal(answers.at(-1), 429);
});

test('one photograph can be taken out while the others go', async () => {
  const turnstile = await Turnstile.before(visitor.page);
  await chooseAll();
  const [out, ...rest] = few.files;
  await rowOf(out).getByRole('button', { name: /^Take out/ }).click();
  await rowOf(out).getByText('Taken out').waitFor();
  turnstile.release();
  await visitor.verdict();
  await arrived(rest);
});

test('everything can be taken out', async () => {
  const turnstile = await Turnstile.before(visitor.page);
  await chooseAll();
  await visitor.phase('sending');
  await visitor.page.getByTestId('cancel-all').click();
  assert.equal(await visitor.verdict(), 'Nothing was uploaded');
  turnstile.release();
  await arrived([]);
});

test('broken connections and a busy store are tried again without anybody noticing', async () => {
  const faults = new Map();
  await Turnstile.before(visitor.page, (key, count) => {
    const tries = (faults.get(key) ?? 0) + 1;
    faults.set(key, tries);
    if (tries > 1) return 'pass';
    if (count % 4 === 0) return 'break';
    return count % 4 === 2 ? { status: 503, body: '<Error><Code>SlowDown</Code></Error>' } : 'pass';
  });
  await chooseAll();
  assert.equal(await visitor.verdict(), `All ${few.files.length} photos are in the bucket`);
  assert.ok([...faults.values()].filter((tries) => tries > 1).length >= 4, 'there were faults');
  await arrived(few.files);
});

test('what was given up says why and can be tried again', async () => {
  let broken = true;
  const unlucky = few.files[3];
  await Turnstile.before(visitor.page, (key) =>
    broken && key.includes(unlucky.path) ? { status: 400, body: '<Error><Code>InvalidArgument</Code></Error>' } : 'pass');
  await chooseAll();
  await visitor.phase('done');
  await rowOf(unlucky).getByText('The store did not take it').waitFor();
  await picture(visitor.page, 'upload-trouble');
  broken = false;
  await visitor.page.getByTestId('retry-failed').click();
  await visitor.page.getByRole('heading', { name: `All ${few.files.length} photos are in the bucket` }).waitFor();
  await arrived(few.files);
});

test('an upload can be paused and goes on', async () => {
  const turnstile = await Turnstile.before(visitor.page);
  await chooseAll();
  await visitor.phase('sending');
  await visitor.page.getByTestId('pause').click();
  await visitor.phase('paused');
  turnstile.release();
  await visitor.page.getByRole('button', { name: 'Go on' }).click();
  await visitor.verdict();
  await arrived(few.files);
});

test('leaving the page while it sends asks first, and not otherwise', async () => {
  const turnstile = await Turnstile.before(visitor.page);
  await chooseAll();
  await visitor.phase('sending');
  // Browsers ask on behalf of pages that somebody has used, and only then.
  await visitor.totals.click();
  assert.equal(await visitor.triesToLeave(), 'beforeunload');
  turnstile.release();
  await visitor.verdict();
  assert.equal(await visitor.triesToLeave(), 'closed');
});

test('moving between pages does not stop an upload', async () => {
  const turnstile = await Turnstile.before(visitor.page);
  await chooseAll();
  await visitor.phase('sending');
  await visitor.page.getByRole('link', { name: 'Batches' }).click();
  await visitor.page.getByRole('heading', { name: 'Batches' }).waitFor();
  turnstile.release();
  await visitor.page.getByRole('link', { name: 'Upload' }).click();
  assert.equal(await visitor.verdict(), `All ${few.files.length} photos are in the bucket`);
  await arrived(few.files);
});

test('signing out everywhere ends the other sessions, and an upload waits for its person', async () => {
  const turnstile = await Turnstile.before(visitor.page);
  await chooseAll();
  await visitor.phase('sending');

  const other = await Visitor.come(browser, sluice);
  await other.signIn();
  await other.page.getByRole('button', { name: 'Sign out everywhere' }).click();
  await other.page.waitForURL(SIGN_IN);
  await other.leave();

  turnstile.release();
  const dialog = visitor.page.getByRole('dialog');
  await dialog.getByRole('heading', { name: 'Please sign in again' }).waitFor();
  await picture(visitor.page, 'upload-signed-out');
  await visitor.enter({ name: 'ansel', password: 'clearing winter storm 1944' });
  assert.equal(await visitor.verdict(), `All ${few.files.length} photos are in the bucket`);
  await arrived(few.files);
});

test('whoever is signed in is led past the sign-in page', async () => {
  await visitor.signIn();
  await visitor.go('/sign-in?next=/batches');
  await visitor.page.getByRole('heading', { name: 'Batches', level: 1 }).waitFor();
  assert.equal(new URL(visitor.page.url()).pathname, '/batches');
  await visitor.go('/sign-in');
  await visitor.zone.waitFor();
});

test('signing out here ends this session', async () => {
  await visitor.signIn();
  await visitor.page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await visitor.page.waitForURL(SIGN_IN);
  await visitor.go('/batches');
  await visitor.page.waitForURL(SIGN_IN);
});
