// The folder that the other tests send: it has to be what it claims to be.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

import { openBrowser, openPage } from '../browser.mjs';
import { makeFolder } from '../photos.mjs';

let folder;
let browser;
before(async () => {
  folder = await makeFolder();
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await folder?.remove();
});

const disk = (file) => join(dirname(folder.root), file.path);

test('every file is there with its own bytes', async () => {
  const sums = new Set();
  for (const file of folder.files) {
    const bytes = await readFile(disk(file));
    assert.equal(bytes.length, file.size);
    assert.equal(createHash('sha256').update(bytes).digest('hex'), file.sha256);
    sums.add(file.sha256);
  }
  assert.equal(sums.size, folder.files.length - 2, 'all differ, but for the original and its two copies');
  const siblings = folder.files.filter((file) => file.path.includes('/100 CANON/'));
  assert.ok(siblings.length > 100);
});

test('every file is a picture that a browser shows', async () => {
  const { page } = await openPage(browser);
  await page.setContent('<input type="file" multiple>');
  await page.setInputFiles('input', folder.files.filter((file) => !file.path.includes('/100 CANON/')).map(disk));
  const broken = await page.$eval('input', async (input) => {
    const broken = [];
    for (const file of input.files) {
      await createImageBitmap(file).then((bitmap) => bitmap.close(), () => broken.push(file.name));
    }
    return broken;
  });
  assert.deepEqual(broken, []);
});

test('a browser gives the paths of a folder as they are', async () => {
  const { page } = await openPage(browser);
  await page.setContent('<input type="file" webkitdirectory>');
  await page.setInputFiles('input', folder.root);
  const paths = await page.$eval('input', (input) => [...input.files].map((file) => file.webkitRelativePath));
  assert.deepEqual(paths.sort(), [...folder.files, ...folder.refused].map((file) => file.path).sort());
});
