// Webhooks, as an admin sees them: added, tested, told when a batch is over, delivered again by hand.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';

import { DESKTOP, PHONE, accessibilityProblems, openBrowser, picture } from '../browser.mjs';
import { makeFew } from '../photos.mjs';
import { Sluice } from '../sluice.mjs';
import { Visitor } from '../visitor.mjs';

let few;
let browser;
let sluice;
let admin;
let receiver;
let url;
let status = 200;
const got = [];

before(async () => {
  few = await makeFew(2);
  receiver = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    got.push({ headers: request.headers, body });
    response.writeHead(status).end();
  });
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  url = `http://127.0.0.1:${receiver.address().port}/hook`;
  browser = await openBrowser();
  sluice = await Sluice.start({ environment: { SLUICE_WEBHOOKS_INSIDE: 'on' } });
  admin = await Visitor.come(browser, sluice, { expected: [/status of 400/] });
  await admin.accept();
});
after(async () => {
  await browser?.close();
  await sluice?.stop();
  receiver?.closeAllConnections();
  receiver?.close();
  await few?.remove();
});

/** What a receiver checks. */
function isSigned({ headers, body }, secret) {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  return headers['webhook-signature'] === `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
}

test('an admin adds a webhook, and sees whether a test arrives', async () => {
  const { page } = admin;
  await page.getByRole('link', { name: 'Manage' }).click();
  await page.getByRole('link', { name: 'Webhooks' }).click();
  await page.getByRole('button', { name: 'New webhook' }).click();
  const form = page.getByTestId('webhook-form');
  await form.getByLabel('URL').fill('ftp://example.org/');
  await form.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Not this URL').waitFor();
  await form.getByLabel('URL').fill(url);
  await form.getByRole('button', { name: 'Save' }).click();
  const secret = await page.getByLabel(url).inputValue();
  assert.match(secret, /^whsec_/);

  await page.getByRole('button', { name: 'Send a test' }).click();
  const delivery = page.getByTestId('delivery');
  await delivery.getByText('Delivered', { exact: true }).waitFor();
  await delivery.getByText('HTTP 200').waitFor();
  assert.ok(isSigned(got[0], secret));
  assert.equal(JSON.parse(got[0].body).type, 'webhook.test');

  status = 500;
  await page.getByRole('button', { name: 'Send a test' }).click();
  await delivery.getByText('Failed', { exact: true }).waitFor();
  await delivery.getByText('HTTP 500').waitFor();
  status = 200;
  await delivery.filter({ hasText: 'Failed' }).getByRole('button', { name: 'Deliver again' }).click();
  await delivery.filter({ hasText: '2 attempts' }).getByText('Delivered', { exact: true }).waitFor();
  assert.equal(got[1].headers['webhook-id'], got[2].headers['webhook-id']);
  assert.deepEqual(admin.errors, []);
});

test('it is told when a batch is over', async () => {
  const { page } = admin;
  await admin.go();
  await admin.chooseFiles(few.files.map((file) => file.disk));
  assert.equal(await admin.verdict(), 'All 2 photos are in the bucket');
  await admin.go('/desk/webhooks');
  const line = page.getByTestId('delivery').filter({ hasText: 'Batch verified' });
  // The server looks for it every two seconds; the page is as fresh as when it was opened.
  for (;;) {
    await line.waitFor();
    if (await line.getByText('HTTP 200').count()) break;
    await page.waitForTimeout(500);
    await page.reload();
  }
  const { type, data } = JSON.parse(got.at(-1).body);
  assert.deepEqual([type, data.batch, data.stored], ['batch.verified', admin.batch.batch, 2]);
});

for (const [size, viewport] of [['desktop', DESKTOP], ['phone', PHONE]]) {
  test(`${size}: what it looks like`, async () => {
    const visitor = await Visitor.come(browser, sluice, { viewport, session: await admin.session() });
    const { page } = visitor;
    await visitor.go('/desk/webhooks');
    await page.getByTestId('delivery').first().waitFor();
    await picture(page, `desk-webhooks-${size}`);
    assert.deepEqual(await accessibilityProblems(page), []);
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(sideways <= 0, `needs no scrolling sideways (${sideways} px)`);
    await page.getByRole('button', { name: '日本語' }).click();
    await page.getByRole('heading', { name: '配信' }).waitFor();
    assert.deepEqual(visitor.errors, []);
    await visitor.leave();
  });
}
