// A browser in which no worker can be started: the same code runs in the page.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { assertArrived } from '../arrival.mjs';
import { openBrowser } from '../browser.mjs';
import { makeBulk } from '../photos.mjs';
import { Sluice } from '../sluice.mjs';
import { Visitor } from '../visitor.mjs';

let bulk;
let browser;
let sluice;
let session;

before(async () => {
  bulk = await makeBulk(40, 30_000, 'bulk', { large: 40 << 20 });
  browser = await openBrowser();
  sluice = await Sluice.start();
  session = await Visitor.firstSession(browser, sluice);
});
after(async () => {
  await browser?.close();
  await sluice?.stop();
  await bulk?.remove();
});

/** Somebody in whose pages `break` was run before all else. */
async function come(breakIt) {
  const visitor = await Visitor.come(browser, sluice, { session, expected: [/worker-start/] });
  await visitor.context.addInitScript(breakIt);
  await visitor.go();
  return visitor;
}

async function send(visitor) {
  await visitor.chooseFolder(bulk.root);
  assert.equal(await visitor.verdict(), `All ${bulk.files.length} photos are in the bucket`);
  const { store, prefix } = visitor.batch;
  await assertArrived(await sluice.bucket(store), prefix, bulk.files, { whole: false });
  assert.equal(visitor.page.workers().length, 0);
  assert.deepEqual(visitor.errors, []);
  await visitor.leave();
}

test('where Worker throws, everything arrives', async () => {
  await send(await come(() => {
    window.Worker = class {
      constructor() {
        throw new DOMException('not here', 'SecurityError');
      }
    };
  }));
});

test('where a worker dies before its first word, nothing that was said to it is lost', async () => {
  await send(await come(() => {
    window.Worker = class extends EventTarget {
      onerror = null;
      constructor() {
        super();
        setTimeout(() => this.onerror?.(new Event('error')), 1_000);
      }
      postMessage() {}
      terminate() {}
    };
  }));
});
