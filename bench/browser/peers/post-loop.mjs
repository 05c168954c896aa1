// POST forms over all host names, 24 at a time, from the page: the ceiling that a page without a worker reaches.

import { loop } from './loop.mjs';

const text = new TextEncoder();

export async function start({ hosts, bucket, fields, prefix }, place) {
  return loop(place, 24, async (file, slot) => {
    const boundary = `x${crypto.randomUUID()}`;
    const all = { ...fields, key: `${prefix}${file.name}`, 'Content-Type': file.type };
    const head = Object.entries(all)
      .map(([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
      .join('');
    const opening = `${head}--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n`;
    const body = await joined(text.encode(opening), await file.arrayBuffer(), text.encode(`\r\n--${boundary}--\r\n`));
    return fetch(`${hosts[slot % hosts.length]}/${bucket}`, {
      method: 'POST', body, headers: { 'Content-Type': `multipart/form-data; boundary=${boundary}` },
    });
  });
}

function joined(first, file, last) {
  const body = new Uint8Array(first.length + file.byteLength + last.length);
  body.set(first, 0);
  body.set(new Uint8Array(file), first.length);
  body.set(last, first.length + file.byteLength);
  return body;
}
