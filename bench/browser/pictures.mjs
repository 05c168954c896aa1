// The files: real PNGs of noise, each of its own, filled up to the size with bytes that decoders leave alone.

import { randomBytes } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';

import { crc32 } from '../../end2end/picture.mjs';

const CHUNK = 1 << 20;
/** Pixels of a side: about 12 kB. */
const SIDE = 64;
/** One of them. */
export const PICTURE = noise();

/** Writes `count` files of `size` bytes. `remove()` takes them away. */
export async function makePictures(count, size) {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
  const filler = randomBytes(CHUNK);
  const paths = [];
  for (let at = 0; at < count; at += 1) {
    const path = join(folder, `IMG_${String(at).padStart(6, '0')}.png`);
    const file = await open(path, 'w');
    filler.writeUInt32BE(at, 0);
    let left = size - (await file.write(PICTURE)).bytesWritten;
    while (left > 0) left -= (await file.write(filler, 0, Math.min(left, CHUNK))).bytesWritten;
    await file.close();
    paths.push(path);
  }
  return { paths, remove: () => rm(folder, { recursive: true }) };
}

function noise() {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(SIDE, 0);
  header.writeUInt32BE(SIDE, 4);
  header.set([8, 2, 0, 0, 0], 8); // Eight bits of red, green and blue.
  const rows = randomBytes(SIDE * (1 + SIDE * 3));
  for (let row = 0; row < SIDE; row += 1) rows[row * (1 + SIDE * 3)] = 0;
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  body.copy(whole, 4);
  whole.writeUInt32BE(crc32(body), 4 + body.length);
  return whole;
}
