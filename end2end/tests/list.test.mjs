// Ten thousand files: all in the list, few in the document.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { openBrowser, picture } from '../browser.mjs';
import { Sluice } from '../sluice.mjs';
import { Turnstile, Visitor } from '../visitor.mjs';

const MANY = 10_000;
/** Two windows of rows, however long the list is. */
const MOUNTED = 100;

let browser;
let sluice;
let visitor;

before(async () => {
  [browser, sluice] = await Promise.all([openBrowser(), Sluice.start()]);
  visitor = await Visitor.come(browser, sluice, { expected: [/Failed to load resource/] });
  await visitor.accept();
});
after(async () => {
  await browser?.close();
  await sluice?.stop();
});

test('ten thousand rows are shown without mounting them', async (t) => {
  await Turnstile.before(visitor.page);
  // What a drop of files is to a page, without ten thousand files on the disk.
  const took = await visitor.page.evaluate(async (many) => {
    const data = new DataTransfer();
    for (let index = 0; index < many; index += 1) {
      data.items.add(new File([`picture ${index}`], `IMG_${String(index).padStart(5, '0')}.jpg`, { type: 'image/jpeg' }));
    }
    const tasks = [];
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map((entry) => entry.duration)))
      .observe({ type: 'longtask' });
    const target = document.querySelector('[data-testid=drop-zone]');
    target.dispatchEvent(new DragEvent('dragover', { dataTransfer: data, bubbles: true, cancelable: true }));
    target.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    await new Promise((resolve) => {
      const look = () => (document.querySelector('[data-testid=totals][data-phase=sending]') ? resolve() : requestAnimationFrame(look));
      look();
    });
    await new Promise((resolve) => setTimeout(resolve, 1000));
    return { longest: Math.max(0, ...tasks) };
  }, MANY);
  t.diagnostic(`longest task on the main thread: ${took.longest.toFixed(0)} ms`);

  await visitor.page.locator(`[data-testid=row][aria-setsize="${MANY}"]`).first().waitFor();
  const mounted = () => visitor.page.getByTestId('row').count();
  assert.ok((await mounted()) < MOUNTED);
  await visitor.rows.filter({ hasText: 'IMG_00000.jpg' }).waitFor();

  const frame = visitor.page.locator('.rows-frame');
  await frame.evaluate((element) => element.scrollTo(0, element.scrollHeight / 2));
  await visitor.rows.filter({ hasText: 'IMG_05000.jpg' }).waitFor();
  await frame.evaluate((element) => element.scrollTo(0, element.scrollHeight));
  await visitor.rows.filter({ hasText: `IMG_0${MANY - 1}.jpg` }).waitFor();
  assert.ok((await mounted()) < MOUNTED);
  assert.equal(await visitor.rows.filter({ hasText: 'IMG_00000.jpg' }).count(), 0);
  await picture(visitor.page, 'upload-ten-thousand');

  await visitor.page.getByTestId('cancel-all').click();
  assert.equal(await visitor.verdict(), 'Nothing was uploaded');
  assert.deepEqual(visitor.errors, []);
});
