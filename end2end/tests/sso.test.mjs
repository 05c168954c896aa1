// Single sign-on with a real provider: in as an admin by a group, in as an uploader, and not in at all. Without scripts,
// because the way in is a plain link.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { openBrowser, picture } from '../browser.mjs';
import { SignOn, signOnAs } from '../provider.mjs';
import { Sluice } from '../sluice.mjs';

let browser;
let signOn;
let sluice;

before(async () => {
  browser = await openBrowser();
  signOn = await SignOn.start();
  sluice = await Sluice.start({ environment: signOn.environment });
  signOn.serve(sluice);
});
after(async () => {
  await browser?.close();
  await sluice?.stop();
  await signOn?.stop();
});

/** A window in which nobody was before, and scripts are off. */
async function openWindow(locale = 'en-GB') {
  const context = await browser.newContext({ javaScriptEnabled: false, locale });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  return page;
}

test('an admin comes in by a group, and goes on to where they were going', async () => {
  const page = await openWindow();
  await page.goto(`${sluice.url}/desk/people`);
  await page.getByLabel('Password').waitFor();
  await picture(page, 'sign-in-sso');
  await page.getByRole('link', { name: 'Sign in with Studio' }).click();
  await signOnAs(page, 'ada');
  await page.waitForURL(`${sluice.url}/desk/people`);
  await page.getByText('ada', { exact: true }).waitFor();
  await page.getByRole('link', { name: 'Manage' }).waitFor();
  await page.context().close();
});

test('an uploader comes in by another, and finds no desk', async () => {
  const page = await openWindow();
  await page.goto(`${sluice.url}/sign-in`);
  await page.getByRole('link', { name: 'Sign in with Studio' }).click();
  await signOnAs(page, 'ben');
  await page.waitForURL(`${sluice.url}/`);
  await page.getByText('ben', { exact: true }).waitFor();
  assert.equal(await page.getByRole('link', { name: 'Manage' }).count(), 0);
  await page.context().close();
});

test('somebody in neither group is told so, in their language', async () => {
  for (const [locale, button, sentence] of [
    ['en-GB', 'Sign in with Studio', 'Your account may not come in here.'],
    ['ja-JP', 'Studio でサインイン', 'このアカウントでは利用できません。'],
  ]) {
    const page = await openWindow(locale);
    await page.goto(`${sluice.url}/sign-in`);
    await page.getByRole('link', { name: button }).click();
    await signOnAs(page, 'eve');
    await page.getByRole('alert').getByText(sentence).waitFor();
    await picture(page, `sign-in-sso-refused-${locale}`);
    await page.goto(`${sluice.url}/batches`);
    await page.waitForURL(`${sluice.url}/sign-in?next=/batches`);
    await page.context().close();
  }
});
