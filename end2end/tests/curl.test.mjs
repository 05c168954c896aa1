// The way for scripts, word for word as the README prints it.

import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

import { openBrowser } from '../browser.mjs';
import { makeFew } from '../photos.mjs';
import { Sluice } from '../sluice.mjs';
import { Visitor } from '../visitor.mjs';

const README = new URL('../../README.md', import.meta.url);
const options = { skip: hasCurl() ? false : 'curl is not installed' };

let few;
let sluice;

before(async () => {
  few = await makeFew(1);
  sluice = await Sluice.start();
  const browser = await openBrowser();
  const visitor = await Visitor.come(browser, sluice);
  await visitor.accept();
  await browser.close();
});
after(async () => {
  await sluice?.stop();
  await few?.remove();
});

test('the commands of the README store a file', options, async () => {
  const section = (await readFile(README, 'utf8')).split('## From a script')[1];
  const [, printed] = /```sh\n(.*?)```/s.exec(section);
  assert.match(printed, /curl -X PUT --upload-file photo\.jpg "\$PUT_URL"/);
  // Where the server is, and which, is all that differs here.
  const script = printed.replaceAll('http://127.0.0.1:3000', sluice.url).replaceAll('target/release/sluice', '"$SLUICE"');

  const [file] = few.files;
  const folder = dirname(file.disk);
  await writeFile(join(folder, 'photo.jpg'), await readFile(file.disk));
  const env = { ...sluice.environment, SLUICE: sluice.binary };
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', `${script}\necho "$PUT_URL"`], { cwd: folder, env });

  const url = new URL(stdout.trim().split('\n').at(-1));
  const [, name, ...key] = url.pathname.split('/').map(decodeURIComponent);
  const bucket = await sluice.bucket({ region: 'us-east-1', bases: [`${url.origin}/${name}`] });
  assert.deepEqual([...(await bucket.list())], [[key.join('/'), file.size]]);
  assert.equal(await bucket.sha256(key.join('/')), file.sha256);
});

function hasCurl() {
  try {
    execFileSync('curl', ['--version']);
    return true;
  } catch {
    return false;
  }
}
