// Ten thousand files: all in the list, few in the document.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { openBrowser, picture } from '../browser.mjs';
import { makeMany } from '../photos.mjs';
import { Sluice } from '../sluice.mjs';
import { Turnstile, Visitor } from '../visitor.mjs';

const MANY = 10_000;
/** Two windows of rows, however long the list is. */
const MOUNTED = 100;

let browser;
let many;
let sluice;
let visitor;

before(async () => {
  many = await makeMany(MANY);
  browser = await openBrowser();
  sluice = await Sluice.start();
  visitor = await Visitor.come(browser, sluice, { expected: [/Failed to load resource/] });
  await visitor.accept();
});
after(async () => {
  await browser?.close();
  await sluice?.stop();
  await many?.remove();
});

test('ten thousand rows are shown without mounting them', async (t) => {
  await visitor.page.evaluate(() => {
    window.longest = 0;
    new PerformanceObserver((list) => {
      window.longest = Math.max(window.longest, ...list.getEntries().map((entry) => entry.duration));
    }).observe({ type: 'longtask' });
  });
  await Turnstile.before(visitor.page);
  await visitor.drop([many.root]);
  // Two cores serve browser, server and store here; on a slow day that took more than 20 s.
  const listed = visitor.page.locator(`[data-testid=row][aria-setsize="${MANY}"]`).first();
  await listed.waitFor({ timeout: 120_000 });
  await visitor.phase('sending');

  const mounted = () => visitor.page.getByTestId('row').count();
  assert.ok((await mounted()) < MOUNTED);
  const [first, middle, last] = [0, MANY / 2, MANY - 1].map((item) => visitor.page.locator(`[data-item="${item}"]`));
  await first.waitFor();

  const frame = visitor.page.locator('.rows-frame');
  await frame.evaluate((element) => element.scrollTo(0, element.scrollHeight / 2));
  await middle.waitFor();
  await frame.evaluate((element) => element.scrollTo(0, element.scrollHeight));
  await last.waitFor();
  assert.ok((await mounted()) < MOUNTED);
  assert.equal(await first.count(), 0);
  t.diagnostic(`longest task on the main thread: ${await visitor.page.evaluate(() => window.longest.toFixed(0))} ms`);
  await picture(visitor.page, 'upload-ten-thousand');

  await visitor.page.getByTestId('cancel-all').click();
  assert.equal(await visitor.verdict(), 'Nothing was uploaded');
  assert.deepEqual(visitor.errors, []);
});
