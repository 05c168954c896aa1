// Whether what arrived is what was sent: every object against its file, and nothing else.

import assert from 'node:assert/strict';

/**
 * Compares a batch's prefix in the bucket with the files, by SHA-256. Keys are paths in Unicode's form C.
 * With `whole`, the bucket must hold nothing besides.
 */
export async function assertArrived(bucket, prefix, files, { whole = true } = {}) {
  const wanted = new Map(files.map((file) => [`${prefix}${file.path.normalize('NFC')}`, file]));
  const found = await bucket.files(whole ? '' : prefix);
  assert.deepEqual([...found.keys()].sort(), [...wanted.keys()].sort(), 'the keys are the files');
  const differing = [];
  const queue = [...wanted];
  await Promise.all(Array.from({ length: 8 }, async () => {
    for (let next = queue.pop(); next; next = queue.pop()) {
      const [key, file] = next;
      if (found.get(key) !== file.size || (await bucket.sha256(key)) !== file.sha256) differing.push(key);
    }
  }));
  assert.deepEqual(differing, [], 'every object is its file');
}
