// Every page on desk and phone, in light and in dark: pictures for people, and axe for those who need more than looks.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { DESKTOP, PHONE, accessibilityProblems, openBrowser, picture } from '../browser.mjs';
import { makeFew } from '../photos.mjs';
import { Sluice } from '../sluice.mjs';
import { Turnstile, Visitor } from '../visitor.mjs';

let few;
let browser;
let session;
let sluice;

before(async () => {
  few = await makeFew(40);
  browser = await openBrowser();
  sluice = await Sluice.start();
  session = await Visitor.firstSession(browser, sluice);
});
after(async () => {
  await browser?.close();
  await sluice?.stop();
  await few?.remove();
});

for (const [size, viewport] of [['desktop', DESKTOP], ['phone', PHONE]]) {
  for (const colorScheme of ['light', 'dark']) {
    test(`${size}, ${colorScheme}: sign-in, empty, busy, done, batches`, async () => {
      const visitor = await Visitor.come(browser, sluice, { colorScheme, viewport });
      const look = async (name) => {
        await picture(visitor.page, `${name}-${size}-${colorScheme}`);
        assert.deepEqual(await accessibilityProblems(visitor.page), [], name);
        const sideways = await visitor.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(sideways <= 0, `${name} needs no scrolling sideways (${sideways} px)`);
      };

      await visitor.go('/sign-in');
      await visitor.page.getByRole('button', { name: 'Sign in' }).waitFor();
      await look('sign-in');

      // Signing in four times in a row would be taken for guessing.
      await visitor.context.addCookies(session.cookies);
      await visitor.go('/');
      await visitor.zone.waitFor();
      await look('empty');

      // Half of them are in, the others wait: what people look at for most of the time.
      const turnstile = await Turnstile.before(visitor.page, (_, count) => (count <= 20 ? 'pass' : 'hold'));
      await visitor.chooseFiles(few.files.map((file) => file.disk));
      await visitor.page.locator('[data-testid=row-state][data-state=stored]').first().waitFor();
      const progress = visitor.page.getByRole('progressbar', { name: 'Progress of the upload' });
      const value = await progress.evaluate((bar) => bar.value);
      assert.ok(value > 0 && value < 100, `the bar moves (${value} %)`);
      await look('busy');

      turnstile.release();
      await visitor.verdict();
      await look('done');

      await visitor.go('/batches');
      await visitor.page.getByRole('listitem').first().waitFor();
      await look('batches');
      assert.deepEqual(visitor.errors, []);
      await visitor.leave();
    });
  }
}
