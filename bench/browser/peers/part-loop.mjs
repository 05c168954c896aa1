// The parts of one file after the other over all host names, 24 at a time, with presigned URLs: no checksum, no retries.

import { loop } from './loop.mjs';

const IN_FLIGHT = 24;

export async function start({ uploads }, place) {
  return loop(place, 1, async (file) => {
    const { partSize, parts, complete } = uploads[file.name];
    const tags = [];
    const queue = [...parts.keys()];
    await Promise.all(Array.from({ length: IN_FLIGHT }, async () => {
      for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
        const body = file.slice(at * partSize, (at + 1) * partSize);
        const answer = await fetch(parts[at], { method: 'PUT', body });
        if (!answer.ok) throw new Error(`part ${at + 1} was answered with ${answer.status}`);
        tags[at] = answer.headers.get('etag');
      }
    }));
    const list = tags.map((tag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${tag}</ETag></Part>`).join('');
    return fetch(complete, { method: 'POST', body: `<CompleteMultipartUpload>${list}</CompleteMultipartUpload>` });
  });
}
