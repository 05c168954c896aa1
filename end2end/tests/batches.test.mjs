// Batches as an admin sees them: found, looked into, verified again, revoked, undone; and the overview of all of it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { DESKTOP, PHONE, accessibilityProblems, openBrowser, picture } from '../browser.mjs';
import { makeFew } from '../photos.mjs';
import { ADMIN, Sluice } from '../sluice.mjs';
import { Turnstile, Visitor } from '../visitor.mjs';

let few;
let browser;
let sluice;
let admin;
let done;
let store;

before(async () => {
  few = await makeFew(16);
  browser = await openBrowser();
  sluice = await Sluice.start();
  admin = await Visitor.come(browser, sluice, { expected: [/status of 409/] });
  await admin.accept();
  await admin.chooseFiles(disks(0, 6));
  assert.equal(await admin.verdict(), 'All 6 photos are in the bucket');
  done = admin.batch;
  store = await sluice.bucket(done.store);
});
after(async () => {
  await browser?.close();
  await sluice?.stop();
  await few?.remove();
});

const name = () => few.files[0].path;
const disks = (from, to) => few.files.slice(from, to).map((file) => file.disk);

test('the overview shows what came in, and stays fresh by itself', async () => {
  const { page } = admin;
  await page.getByRole('link', { name: 'Manage' }).click();
  await page.getByText('No batch is open.').waitFor();
  await page.getByTestId('project-figures').getByText('6 files').waitFor();

  const other = await Visitor.come(browser, sluice, { session: await admin.session() });
  await other.go('/');
  const turnstile = await Turnstile.before(other.page, (_, count) => (count <= 2 ? 'pass' : 'hold'));
  await other.chooseFiles(disks(6, 12));
  await other.page.locator('[data-testid=row-state][data-state=stored]').first().waitFor();
  const line = page.getByTestId('open-batch');
  await line.getByText(/of 6 files/).waitFor({ timeout: 30_000 });
  await picture(page, 'dashboard-busy');
  await line.getByRole('link').click();
  await page.getByRole('heading', { name: 'Batch', exact: true }).waitFor();

  // Open: it can be revoked, and neither verified again nor undone.
  assert.equal(await page.getByRole('button', { name: 'Verify again' }).count(), 0);
  assert.equal(await page.getByTestId('undo').count(), 0);
  await page.getByTestId('revoke').getByText('Revoke its grant').first().click();
  await page.getByText('no server can call it back').waitFor();
  await page.getByTestId('revoke').getByText('"Effect": "Deny"').waitFor();
  await picture(page, 'batch-revoke');
  await page.getByRole('button', { name: 'Revoke its grant' }).click();
  await page.getByText('Its grants end, at the latest').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Revoke its grant' }).count(), 0, 'once');
  turnstile.release();
  await other.leave();
});

test('a batch is found by the name of a file, by state, and by nothing that it has not', async () => {
  const { page } = admin;
  await page.getByRole('link', { name: 'All batches' }).click();
  await page.getByTestId('found').getByText('2 batches').waitFor();
  const form = page.getByTestId('find-batches');
  await form.getByLabel('State').selectOption('verified');
  await form.getByRole('button', { name: 'Show' }).click();
  await page.getByTestId('found').getByText('1 batch ·').waitFor();
  await form.getByLabel('File, person or batch').fill(name().slice(0, 6).toUpperCase());
  await form.getByLabel('Opened').selectOption('7');
  await form.getByRole('button', { name: 'Show' }).click();
  await page.getByTestId('batch').waitFor();
  assert.equal(await form.getByLabel('State').inputValue(), 'verified', 'what was asked for stays');
  assert.equal(await form.getByLabel('Opened').inputValue(), '7');
  await form.getByLabel('File, person or batch').fill('nothing-like-it');
  await form.getByRole('button', { name: 'Show' }).click();
  await page.getByText('There is no such batch.').waitFor();
  await form.getByLabel('File, person or batch').fill('');
  await form.getByLabel('Person', { exact: true }).selectOption(ADMIN.name);
  await form.getByRole('button', { name: 'Show' }).click();
  await page.getByTestId('found').getByText('1 batch ·').waitFor();
  await form.getByLabel('File, person or batch').fill(ADMIN.name);
  await form.getByRole('button', { name: 'Show' }).click();
  await page.getByTestId('batch').click();
  await page.getByTestId('item').first().waitFor();
  assert.equal(await page.getByTestId('item').count(), 6);
});

test('what was looked for stays in the address', async () => {
  const { page } = admin;
  const stem = name().split('/').pop();
  await admin.go('/desk/batches');
  await page.getByTestId('batch').first().waitFor();
  const form = page.getByTestId('find-batches');
  await form.getByLabel('File, person or batch').fill(stem);
  await form.getByLabel('Opened').selectOption('7');
  await form.getByLabel('State').selectOption('verified');
  await form.getByRole('button', { name: 'Show' }).click();
  await page.waitForURL((url) => url.searchParams.get('days') === '7');
  const asked = Object.fromEntries(new URL(page.url()).searchParams);
  assert.deepEqual(asked, { about: stem, state: 'verified', days: '7' });
  await page.reload();
  await page.getByTestId('batch').first().waitFor();
  assert.equal(await form.getByLabel('File, person or batch').inputValue(), stem);
  assert.equal(await form.getByLabel('Opened').inputValue(), '7');
  assert.equal(await form.getByLabel('State').inputValue(), 'verified');

  await page.getByTestId('batch').first().click();
  await page.getByTestId('item').first().waitFor();
  const items = page.getByTestId('find-items');
  const part = stem.slice(1).toUpperCase();
  await items.getByLabel('Part of a name or folder').fill(part);
  await items.getByRole('button', { name: 'Show' }).click();
  await page.waitForURL((url) => url.searchParams.get('about') === part);
  await page.getByTestId('item').getByText(stem).waitFor();
  assert.equal(await page.getByTestId('item').count(), 1);
  await page.getByRole('button', { name: 'Stored' }).click();
  await page.waitForURL((url) => url.searchParams.get('state') === 'stored');
  await page.reload();
  await page.getByTestId('item').getByText(stem).waitFor();
  assert.equal(await page.getByTestId('item').count(), 1);
  assert.equal(await items.getByLabel('Part of a name or folder').inputValue(), part);
  await page.getByRole('button', { name: 'Stored', pressed: true }).waitFor();
  await items.getByLabel('Part of a name or folder').fill('no such%');
  await items.getByRole('button', { name: 'Show' }).click();
  await page.getByText('No file in this batch is like that.').waitFor();
  assert.deepEqual(await accessibilityProblems(page), []);
  await admin.go(`/desk/batches/${done.batch}`);
  await page.getByTestId('item').nth(5).waitFor();
});

test('verifying again tells what is missing since', async () => {
  const { page } = admin;
  await page.getByRole('button', { name: 'Verify again' }).click();
  await page.getByText('All 6 files are as the receipt says.').waitFor();
  assert.equal((await store.request('DELETE', `${done.prefix}${name()}`)).status, 204);
  await page.getByRole('button', { name: 'Verify again' }).click();
  await page.getByTestId('again').getByText('5 as the receipt says, 1 missing').waitFor();
  await page.getByTestId('change').getByText(name()).waitFor();
  await picture(page, 'batch-verified-again');
});

test('undoing wants to be meant, deletes all, and leaves the receipt', async () => {
  const { page } = admin;
  await page.getByText('Undo this batch').click();
  const undo = page.getByTestId('undo');
  await undo.getByLabel('Type 6').fill('5');
  await undo.getByRole('button', { name: 'Delete' }).click();
  const files = [...(await store.list(done.prefix)).keys()].filter((key) => !key.includes('/.sluice/'));
  assert.equal(files.length, 5, 'not meant');
  await undo.getByLabel('Type 6').fill('6');
  await undo.getByRole('button', { name: 'Delete' }).click();
  await page.getByText('Undone', { exact: true }).waitFor();
  assert.equal((await store.list(done.prefix)).size, 0);
  await page.getByRole('link', { name: 'Receipt' }).click();
  await page.getByText('An admin has taken this batch back').waitFor();
  assert.equal(await page.getByRole('row').count(), 7, 'all that was there');
  await page.getByRole('link', { name: 'Manage' }).click();
  await page.getByRole('link', { name: 'Log' }).click();
  await page.getByTestId('log-line').getByText('Batch undone').waitFor();
  assert.deepEqual(admin.errors, []);
});

for (const [size, viewport] of [['desktop', DESKTOP], ['phone', PHONE]]) {
  for (const colorScheme of ['light', 'dark']) {
    test(`${size}, ${colorScheme}: overview, list, batch`, async () => {
      const visitor = await Visitor.come(browser, sluice, { colorScheme, viewport, session: await admin.session() });
      const { page } = visitor;
      const look = async (what) => {
        await picture(page, `${what}-${size}-${colorScheme}`);
        assert.deepEqual(await accessibilityProblems(page), [], what);
        const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(sideways <= 0, `${what} needs no scrolling sideways (${sideways} px)`);
      };
      if (size === 'desktop' && colorScheme === 'light') {
        await visitor.go('/');
        await visitor.chooseFiles(disks(12, 16));
        await visitor.verdict();
      }
      await visitor.go('/desk');
      await page.getByTestId('project-figures').first().waitFor();
      await look('dashboard');
      await visitor.go('/desk/batches');
      await page.getByTestId('batch').first().waitFor();
      await look('desk-batches');
      await page.getByTestId('batch').first().click();
      await page.getByTestId('item').first().waitFor();
      await page.getByText('Undo this batch').click();
      await look('desk-batch');
      await page.getByRole('button', { name: '日本語' }).click();
      await page.getByRole('heading', { name: 'ファイル', exact: true }).waitFor();
      assert.deepEqual(visitor.errors, []);
      await visitor.leave();
    });
  }
}
