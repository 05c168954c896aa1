// The admin's side, page by page: what is done there, what is refused, what it looks like. And a guest, who has none of
// it.

import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { after, before, test } from 'node:test';

import { DESKTOP, PHONE, accessibilityProblems, openBrowser, picture } from '../browser.mjs';
import { makeFew } from '../photos.mjs';
import { ADMIN, Sluice } from '../sluice.mjs';
import { Visitor } from '../visitor.mjs';

const INA = { name: 'ina', password: 'a quiet place to sit' };

let few;
let browser;
let sluice;
let admin;
let address;

before(async () => {
  few = await makeFew(3);
  browser = await openBrowser();
  sluice = await Sluice.start();
  admin = await Visitor.come(browser, sluice, { expected: [/status of 4\d\d/] });
  await admin.accept();
});
after(async () => {
  await browser?.close();
  await sluice?.stop();
  await few?.remove();
});

test('an admin invites a person, who chooses a password and sees no desk', async () => {
  const { page } = admin;
  await page.getByRole('link', { name: 'Manage' }).click();
  await page.getByRole('link', { name: 'People' }).click();
  await page.getByTestId('invite').getByLabel('Name').fill(INA.name);
  await page.getByRole('button', { name: 'Add a person' }).click();
  const link = await page.getByLabel(`One-time link for ${INA.name}`).inputValue();
  assert.match(link, /\/welcome\?token=/);
  await page.getByText('Invited').waitFor();

  const ina = await Visitor.come(browser, sluice, { expected: [/status of 403/] });
  const { pathname, search } = new URL(link);
  await ina.page.goto(`${sluice.url}${pathname}${search}`);
  await ina.page.getByLabel('Name').fill(INA.name);
  await ina.page.getByLabel('Password').fill(INA.password);
  await ina.page.getByRole('button', { name: 'Start' }).click();
  await ina.zone.waitFor();
  assert.equal(await ina.page.getByRole('link', { name: 'Manage' }).count(), 0);
  for (const path of ['people', 'projects', 'links', 'store', 'log']) {
    await ina.go(`/desk/${path}`);
    await ina.page.getByText('This is for admins only.').waitFor();
  }
  assert.deepEqual(ina.errors, []);
  await ina.leave();
});

test('a person sees where they are signed in, and an admin signs them out of one', async () => {
  const ina = await Visitor.come(browser, sluice);
  await ina.signIn(INA);
  await ina.page.getByRole('link', { name: INA.name }).click();
  await ina.page.getByText('This browser').waitFor();
  assert.equal(await ina.page.getByTestId('session').count(), 2, 'the one of the invitation is still open');
  await ina.page.getByTestId('session').getByRole('button', { name: 'Sign out' }).click();
  await ina.page.getByTestId('session').nth(1).waitFor({ state: 'detached' });
  const others = [await Visitor.come(browser, sluice), await Visitor.come(browser, sluice)];
  for (const other of others) await other.signIn(INA);
  await ina.page.reload();
  await ina.page.getByTestId('session').nth(2).waitFor();
  await picture(ina.page, 'account-others');
  await ina.page.getByRole('button', { name: 'Sign out everywhere else' }).click();
  await ina.page.getByTestId('session').nth(1).waitFor({ state: 'detached' });
  for (const other of others) {
    await other.page.reload();
    await other.page.getByRole('button', { name: 'Sign in' }).waitFor();
    await other.leave();
  }
  assert.deepEqual(await accessibilityProblems(ina.page), []);
  await picture(ina.page, 'account');

  const { page } = admin;
  await page.reload();
  const session = page.getByTestId('session').filter({ hasText: INA.name });
  await session.getByRole('button', { name: 'Sign out' }).click();
  await session.waitFor({ state: 'detached' });
  await ina.page.reload();
  await ina.page.getByRole('button', { name: 'Sign in' }).waitFor();
  assert.deepEqual(ina.errors, []);
  await ina.leave();
});

test('the last admin stays', async () => {
  const { page } = admin;
  await page.reload();
  const line = page.getByTestId('person').filter({ hasText: ADMIN.name });
  await line.getByText('Edit').click();
  await line.getByRole('button', { name: 'Disable' }).click();
  await page.getByText('This is the last admin.').waitFor();
});

test('a project takes what its admin says, from its members alone', async () => {
  const { page } = admin;
  await page.getByRole('link', { name: 'Projects' }).click();
  await page.getByRole('button', { name: 'New project' }).click();
  const form = page.getByTestId('project-form');
  await form.getByLabel('Name').fill('Weddings 2026');
  await form.getByLabel('Folder in the bucket').fill('photos/mine');
  await form.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The project default is in the way').waitFor();
  assert.equal(await form.getByLabel('Name').inputValue(), 'Weddings 2026', 'what was entered stays');
  await form.getByLabel('Folder in the bucket').fill('studio/weddings');
  await form.getByLabel('Largest file, MB').fill('40.5');
  await form.getByLabel('Keep files for, days').fill('30');
  await form.getByLabel('ina', { exact: true }).check();
  await form.getByRole('button', { name: 'Save' }).click();
  const line = page.getByTestId('project').filter({ hasText: 'Weddings 2026' });
  await line.getByText('1 member').waitFor();

  await line.getByRole('button', { name: 'Edit' }).click();
  assert.equal(await form.getByLabel('Largest file, MB').inputValue(), '40.5');
  assert.ok(await form.getByLabel('ina', { exact: true }).isChecked());
  assert.equal(await form.getByLabel('Keep files for, days').inputValue(), '30');
  await form.getByRole('button', { name: 'Back' }).click();

  // The bucket deletes nothing until somebody has agreed to that.
  await line.getByText('Kept for 30 days').waitFor();
  await line.getByText('Not in the bucket yet').waitFor();
  await line.getByRole('button', { name: 'Retention' }).click();
  const state = page.getByTestId('rule-state');
  await state.getByText('Not in the bucket yet').waitFor();
  page.once('dialog', (dialog) => dialog.dismiss());
  await page.getByRole('button', { name: 'Write into the bucket' }).click();
  await state.getByText('Not in the bucket yet').waitFor();
  let question;
  page.once('dialog', (dialog) => {
    question = dialog.message();
    return dialog.accept();
  });
  await page.getByRole('button', { name: 'Write into the bucket' }).click();
  await state.getByText('In the bucket').waitFor();
  assert.match(question, /everything below studio\/weddings\/ that is older than 30 days, also what is there already/);
  await page.getByTestId('retention').getByRole('button', { name: 'Back' }).click();
  await line.getByText('Kept for 30 days').waitFor();
  await line.getByText('Not in the bucket yet').waitFor({ state: 'detached' });
  const first = page.getByTestId('project').filter({ hasText: 'Photographs' });
  await first.getByRole('button', { name: 'Archive' }).click();
  await first.getByText('Archived').waitFor();
  await first.getByRole('button', { name: 'Take uploads again' }).click();
  await first.getByRole('button', { name: 'Archive' }).waitFor();
});

test('a project and a person take so much a day, and say what they took', async () => {
  const { page } = admin;
  const project = page.getByTestId('project').filter({ hasText: 'Photographs' });
  const form = page.getByTestId('project-form');
  await project.getByRole('button', { name: 'Edit' }).click();
  await form.getByLabel('Files a day, at most').fill('0');
  await form.getByRole('button', { name: 'Save' }).click();
  await page.getByText('A quota of 0 would take nothing at all.').waitFor();
  await form.getByLabel('Files a day, at most').fill('5000');
  await form.getByLabel('GB a day, at most').fill('2.5');
  await form.getByRole('button', { name: 'Save' }).click();
  await project.getByRole('button', { name: 'Edit' }).click();
  assert.equal(await form.getByLabel('GB a day, at most').inputValue(), '2.5');
  await form.getByRole('button', { name: 'Back' }).click();

  await page.getByRole('link', { name: 'People' }).click();
  const person = page.getByTestId('person').filter({ has: page.getByText(INA.name, { exact: true }).first() });
  await person.getByText('Edit').click();
  await person.getByRole('button', { name: 'Limits' }).click();
  const limits = page.getByTestId('person-quota');
  await limits.getByLabel('Files a day, at most').fill('2');
  assert.deepEqual(await accessibilityProblems(page), []);
  await picture(page, 'desk-limits');
  await limits.getByRole('button', { name: 'Save' }).click();
  await limits.waitFor({ state: 'detached' });

  const ina = await Visitor.come(browser, sluice);
  await ina.signIn(INA);
  await ina.chooseFiles(few.files.map((file) => file.disk));
  assert.match(await ina.verdict(), /2 in the bucket, 1 not/);
  await ina.page.getByText('What may be sent in a day was reached').first().waitFor();
  assert.deepEqual(ina.errors, []);
  await ina.leave();
  await page.reload();
  await person.getByText(/^2 files · .* today$/).waitFor();
  await person.getByText('Edit').click();
  await person.getByRole('button', { name: 'Limits' }).click();
  assert.equal(await limits.getByLabel('Files a day, at most').inputValue(), '2');
  await limits.getByLabel('Files a day, at most').fill('');
  await limits.getByRole('button', { name: 'Save' }).click();
  await limits.waitFor({ state: 'detached' });
  await page.getByRole('link', { name: 'Projects' }).click();
});

test('on a phone the tabs show the one that was chosen', async () => {
  const visitor = await Visitor.come(browser, sluice, { viewport: PHONE, session: await admin.session() });
  await visitor.go('/desk/log');
  await visitor.page.getByTestId('log-line').first().waitFor();
  const chosen = visitor.page.locator('.tabs [aria-current]');
  const within = () => chosen.evaluate((link) => {
    const [own, all] = [link.getBoundingClientRect(), link.parentElement.getBoundingClientRect()];
    // A link may end between two pixels.
    return own.left >= all.left - 1 && own.right <= all.right + 1;
  });
  await assert.doesNotReject(async () => {
    for (let turn = 0; !(await within()); turn += 1) {
      if (turn > 50) throw new Error('the chosen tab is out of view');
      await visitor.page.waitForTimeout(100);
    }
  });
  assert.equal(await visitor.page.evaluate(() => scrollY), 0);
  await visitor.leave();
});

test('a project says how files are called, and shows it while it is written', async () => {
  const { page } = admin;
  const line = page.getByTestId('project').filter({ hasText: 'Weddings 2026' });
  await line.getByRole('button', { name: 'Edit' }).click();
  const form = page.getByTestId('project-form');
  const field = form.getByLabel('Key template');
  assert.equal(await field.inputValue(), '{path}');
  await form.getByText('…/Sommer/IMG_0001.jpg').waitFor();
  await field.fill('{date}/{persom}/{path}');
  await form.getByText('`{persom}` (character 8) is no placeholder').waitFor();
  assert.equal(await field.getAttribute('aria-invalid'), 'true');
  assert.equal(await form.getByTestId('key-example').count(), 0);
  await field.fill('{person}/');
  await form.getByText('At character 10 nothing stands beside a slash').waitFor();
  await form.getByRole('button', { name: '{number}' }).click();
  await form.getByText('…/ada/000001').waitFor();
  assert.equal(await field.inputValue(), '{person}/{number}');
  await picture(page, 'desk-key-template');
  assert.deepEqual(await accessibilityProblems(page), []);
  await field.fill('{person}/{name}');
  await form.getByText('…/ada/IMG_0001.jpg').waitFor();
  await form.getByRole('button', { name: 'Save' }).click();
  await line.getByRole('button', { name: 'Edit' }).click();
  await form.getByText('…/ada/IMG_0001.jpg').waitFor();
  assert.equal(await field.inputValue(), '{person}/{name}');
  await form.getByRole('button', { name: 'Back' }).click();
  await line.waitFor();

  const visitor = await Visitor.come(browser, sluice, { session: await admin.session() });
  await visitor.go();
  await visitor.zone.waitFor();
  await visitor.page.getByTestId('project').selectOption({ label: 'Weddings 2026' });
  await visitor.chooseFiles(few.files.map((file) => file.disk));
  assert.equal(await visitor.verdict(), 'All 3 photos are in the bucket');
  const { prefix, store } = visitor.batch;
  const bucket = await sluice.bucket(store);
  const keys = [...(await bucket.files(prefix)).keys()];
  const wanted = few.files.map((file) => `${prefix}${ADMIN.name}/${basename(file.disk).normalize('NFC')}`);
  assert.deepEqual(keys.sort(), wanted.sort());
  assert.deepEqual(visitor.errors, []);
  await visitor.leave();
});

test('a guest comes by a link, fills in what is asked, and uploads', async () => {
  const { page } = admin;
  await page.getByRole('link', { name: 'Links' }).click();
  await page.getByRole('button', { name: 'New link' }).click();
  const form = page.getByTestId('link-form');
  await form.getByLabel('Title').fill('Anna & Tom');
  await form.getByLabel('Text for your guests').fill('Thank you for dancing!\nPlease send us your photos.');
  await form.getByLabel('Ask for a name').selectOption('must');
  await form.getByRole('button', { name: 'Save' }).click();
  address = new URL(await page.getByLabel('Anna & Tom').inputValue());
  const code = page.getByAltText('The same link as a QR code');
  assert.ok(await code.evaluate((it) => it.decode().then(() => it.naturalWidth > 0)));
  await picture(page, 'desk-link-issued');

  const guest = await Visitor.come(browser, sluice, { viewport: PHONE });
  await guest.go(`${address.pathname}${address.search}`);
  await guest.page.getByText('Thank you for dancing!').waitFor();
  await picture(guest.page, 'guest-door');
  assert.deepEqual(await accessibilityProblems(guest.page), []);
  await guest.page.getByLabel('Name').fill('Kai');
  await guest.page.getByRole('button', { name: 'Choose photos' }).click();
  await guest.zone.waitFor();
  assert.ok(!guest.page.url().includes('token'), 'the link leaves the address bar');
  await guest.chooseFiles(few.files.map((file) => file.disk));
  assert.equal(await guest.verdict(), 'All 3 photos are in the bucket');
  assert.deepEqual(guest.errors, []);
  await guest.leave();

  await page.reload();
  await page.getByTestId('link').getByText('1 guest').waitFor();
  await page.getByTestId('link').getByText('3 files').waitFor();
});

test('a link is changed, and its address stays', async () => {
  const { page } = admin;
  await page.getByTestId('link').getByRole('button', { name: 'Edit' }).click();
  const form = page.getByTestId('link-form');
  assert.equal(await form.getByLabel('Title').inputValue(), 'Anna & Tom');
  assert.equal(await form.getByLabel('Ask for a name').inputValue(), 'must');
  await form.getByLabel('Title').fill('Tom & Anna');
  await form.getByLabel('Text for your guests').fill('The album is almost full.');
  await form.getByRole('button', { name: 'Save' }).click();
  await page.getByTestId('link').getByText('Tom & Anna').waitFor();
  await page.getByTestId('link').getByText('1 guest').waitFor();
  const guest = await Visitor.come(browser, sluice);
  await guest.go(`${address.pathname}${address.search}`);
  await guest.page.getByRole('heading', { name: 'Tom & Anna' }).waitFor();
  await guest.page.getByText('The album is almost full.').waitFor();
  assert.deepEqual(guest.errors, []);
  await guest.leave();
});

test('a link that was ended leads nowhere', async () => {
  const { page } = admin;
  page.once('dialog', (dialog) => dialog.accept());
  await page.getByRole('button', { name: 'End', exact: true }).click();
  await page.getByTestId('link').getByText('Ended').waitFor();
  const late = await Visitor.come(browser, sluice, { expected: [/status of 404/] });
  await late.go(`${address.pathname}${address.search}`);
  await late.page.getByText('This link is not valid any more.').waitFor();
  await late.leave();
});

test('a token for sending is made and says so', async () => {
  const { page } = admin;
  await page.getByRole('link', { name: 'People' }).click();
  const form = page.getByTestId('new-token');
  await form.getByLabel('What it is for').fill('night job');
  assert.equal(await form.getByLabel('May').inputValue(), 'send', 'as little as can be, unless somebody says more');
  await form.getByRole('button', { name: 'New token' }).click();
  const token = await page.getByLabel(`API token of ${ADMIN.name}`).inputValue();
  await page.getByTestId('token').getByText('Send').waitFor();
  const ask = (path) => fetch(`${sluice.url}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } });
  assert.deepEqual([(await ask('/projects')).status, (await ask('/people')).status], [200, 403]);
});

test('the store is examined, and put right by a button', async () => {
  const { page } = admin;
  await page.getByRole('link', { name: 'Store' }).click();
  await page.getByTestId('diagnosis').getByText('The bucket does what uploads need.').waitFor();
  const lifecycle = page.getByTestId('check').filter({ hasText: 'lifecycle' });
  await lifecycle.getByText('Could be better').waitFor();
  await picture(page, 'desk-store');
  page.once('dialog', (dialog) => dialog.accept());
  await lifecycle.getByRole('button', { name: 'Do this for me' }).click();
  await lifecycle.getByText('Good', { exact: true }).waitFor();
  await page.getByRole('button', { name: '日本語' }).click();
  await page.getByTestId('check').getByText('未完了のアップロードは 1 日後に中止されます').waitFor();
  await page.getByRole('button', { name: 'English' }).click();
  await lifecycle.getByText('Good', { exact: true }).waitFor();
});

test('the log tells of all that', async () => {
  const { page } = admin;
  await page.getByRole('link', { name: 'Log' }).click();
  await page.getByTestId('log-line').first().waitFor();
  const told = await page.getByTestId('log-line').allInnerTexts();
  for (const what of ["Bucket's rules changed", 'Token made', "Guests' link ended", "Guests' link changed", 'Project taken up again', 'Project archived', 'Project added', 'Person added']) {
    assert.ok(told.some((line) => line.includes(what)), `${what} in\n${told.join('\n')}`);
  }
  await page.getByLabel('Who or what').fill('Anna');
  await page.getByRole('button', { name: 'Show' }).click();
  await page.getByText('Guests\' link made').waitFor();
  await page.waitForFunction(() => document.querySelectorAll('[data-testid=log-line]').length === 3);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV' }).click()]);
  assert.equal(download.suggestedFilename(), 'sluice-log.csv');
  assert.deepEqual(admin.errors, []);
});

for (const [size, viewport] of [['desktop', DESKTOP], ['phone', PHONE]]) {
  for (const colorScheme of ['light', 'dark']) {
    test(`${size}, ${colorScheme}: every desk`, async () => {
      const visitor = await Visitor.come(browser, sluice, { colorScheme, viewport, session: await admin.session() });
      const { page } = visitor;
      const look = async (name) => {
        await picture(page, `desk-${name}-${size}-${colorScheme}`);
        assert.deepEqual(await accessibilityProblems(page), [], name);
        const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(sideways <= 0, `${name} needs no scrolling sideways (${sideways} px)`);
      };
      await visitor.go('/desk/people');
      await page.getByTestId('person').first().waitFor();
      await look('people');
      await visitor.go('/desk/projects');
      await page.getByTestId('project').first().waitFor();
      await look('projects');
      await page.getByRole('button', { name: 'Edit' }).last().click();
      await page.getByTestId('project-form').waitFor();
      await look('project');
      await visitor.go('/desk/links');
      await page.getByTestId('link').first().waitFor();
      await look('links');
      await page.getByRole('button', { name: 'New link' }).click();
      await page.getByTestId('link-form').waitFor();
      await look('link');
      await visitor.go('/desk/store');
      await page.getByTestId('diagnosis').waitFor();
      await look('store');
      await visitor.go('/desk/log');
      await page.getByTestId('log-line').first().waitFor();
      await look('log');
      await page.getByRole('button', { name: '日本語' }).click();
      await page.getByRole('heading', { name: '操作記録' }).waitFor();
      assert.deepEqual(visitor.errors, []);
      await visitor.leave();
    });
  }
}
