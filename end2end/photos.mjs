// A folder of photographs, as people have them: hundreds of files, nested, with every name that a disk allows.

import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { jpegWith, pngWith } from './picture.mjs';

const SOURCES = new URL('./photos/', import.meta.url);

/** Names that break uploaders: what URLs, shells, forms, signatures and other alphabets make of a file name. */
export const ODD_NAMES = [
  'plain.jpg',
  'two words.jpg',
  ' leading and trailing .jpg',
  'plus+sign.jpg',
  'percent%20encoded.jpg',
  'percent%2Fslash.jpg',
  '100%.jpg',
  'hash#tag.jpg',
  'question?.jpg',
  'ampersand&equals=.jpg',
  'semicolon;colon:comma,.jpg',
  "single'quote.jpg",
  'double"quote.jpg',
  'less<more>pipe|.jpg',
  'brackets [1] (2) {3}.jpg',
  'form ${filename}.jpg',
  'star*tilde~bang!at@dollar$caret^grave`.jpg',
  'dots...many..dots.jpg',
  '-dash-first.jpg',
  '..two-dots-first.jpg',
  'UPPER.JPG',
  'nfc-\u00e9\u00fc\u00f1.jpg',
  'nfd-e\u0301u\u0308n\u0303.jpg',
  'emoji-🏖️👩‍👩‍👧.jpg',
  '日本の写真.jpg',
  'صورة.jpg',
  'Zürich – Straße № 5.jpg',
  'no-break\u00a0space.jpg',
  `${'long-'.repeat(39)}x.jpg`, // 200 characters
  `${'語'.repeat(80)}.jpg`, // 244 bytes, where a disk's limit is 255
];

/**
 * Writes the folder below a new temporary one.
 *
 * `files` are to arrive, `refused` are not: each with its `path` below the folder (the folder's name first, as the
 * browser has it), `size` and `sha256` in hexadecimal. `remove()` takes it away again.
 */
export async function makeFolder({ name = 'Summer 2026 ☀️', many = 150 } = {}) {
  const home = await mkdtemp(join(tmpdir(), 'sluice-photos-'));
  const pictures = await sources();
  const folder = { root: join(home, name), files: [], refused: [], remove: () => rm(home, { recursive: true }) };
  let serial = 0;

  const write = async (list, path, bytes) => {
    const whole = join(home, name, path);
    await mkdir(dirname(whole), { recursive: true });
    await writeFile(whole, bytes);
    const taken = new Date(Date.UTC(2026, 5, 1) + serial * 61_000);
    await utimes(whole, taken, taken);
    list.push({
      path: `${name}/${path}`,
      size: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
  };
  const picture = (source) => {
    serial += 1;
    const bytes = pictures.get(source);
    const taken = new Date(Date.UTC(2026, 5, 1) + serial * 61_000);
    return source.endsWith('.png')
      ? pngWith(bytes, { serial })
      : jpegWith(bytes, { serial, taken, orientation: 1 + (serial % 8) });
  };

  for (const odd of ODD_NAMES) await write(folder.files, `odd names/${odd}`, picture('rocket.jpg'));
  for (const source of pictures.keys()) await write(folder.files, `originals/${source}`, pictures.get(source));
  // A browser gives the entries of a folder in pages of 100: one page is not all.
  for (let index = 1; index <= many; index += 1) {
    const file = `camera/DCIM/100 CANON/IMG_${String(index).padStart(4, '0')}.JPG`;
    await write(folder.files, file, picture('rocket.jpg'));
  }
  for (let index = 1; index <= 40; index += 1) {
    const deep = `by day/2026/06/${String(1 + (index % 9)).padStart(2, '0')}/phone ${index}`;
    await write(folder.files, `${deep}/cat.png`, picture('chelsea.png'));
  }
  for (const source of ['astronaut.png', 'coffee.png', 'hubble_deep_field.jpg', 'retina.jpg']) {
    for (let index = 1; index <= 4; index += 1) await write(folder.files, `large/${index}/${source}`, picture(source));
  }
  // The same bytes under two names: both must arrive.
  await write(folder.files, 'copies/one.jpg', pictures.get('rocket.jpg'));
  await write(folder.files, 'copies/two.jpg', pictures.get('rocket.jpg'));

  await write(folder.refused, 'camera/.DS_Store', Buffer.from('\0\0\0\x01Bud1'));
  await write(folder.refused, 'camera/Thumbs.db', Buffer.from('thumbs'));
  await write(folder.refused, 'camera/DCIM/empty.jpg', Buffer.alloc(0));
  await write(folder.refused, 'invoice.pdf', Buffer.from('%PDF-1.4\n%%EOF\n'));
  await write(folder.refused, 'notes/read me.txt', Buffer.from('not a picture\n'));
  return folder;
}

/** A few pictures of all kinds, for where a whole folder would only cost time. `disk` is where each lies. */
export async function makeFew(count) {
  const home = await mkdtemp(join(tmpdir(), 'sluice-few-'));
  const pictures = [...(await sources())];
  const files = [];
  for (let serial = 1; serial <= count; serial += 1) {
    const [name, original] = pictures[(serial * 5) % pictures.length];
    const taken = new Date(Date.UTC(2026, 6, 1) + serial * 1000);
    const bytes = name.endsWith('.png')
      ? pngWith(original, { serial })
      : jpegWith(original, { serial, taken, orientation: 1 });
    const path = `${String(serial).padStart(3, '0')} ${name}`;
    const disk = join(home, path);
    await writeFile(disk, bytes);
    files.push({ disk, path, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
  }
  return { root: home, files, remove: () => rm(home, { recursive: true }) };
}

/** A folder of so many tiny files, named `IMG_00000.jpg` and on, that are no pictures: for what only counts them. */
export async function makeMany(count) {
  const home = await mkdtemp(join(tmpdir(), 'sluice-many-'));
  const names = Array.from({ length: count }, (_, index) => `IMG_${String(index).padStart(5, '0')}.jpg`);
  for (const name of names) await writeFile(join(home, name), `picture ${name}`);
  return { root: home, names, remove: () => rm(home, { recursive: true }) };
}

/**
 * A folder of `count` files of so many bytes below `inside`, each of its own, and one more of `large` bytes; no pictures,
 * for what only moves them. They take turns in the `folders` in it.
 */
export async function makeBulk(count, size, inside = 'bulk', { folders = [''], large = 0 } = {}) {
  const home = await mkdtemp(join(tmpdir(), 'sluice-bulk-'));
  const root = join(home, inside);
  const files = [];
  const sizes = [...Array(count).fill(size), ...(large > 0 ? [large] : [])];
  for (const folder of folders) await mkdir(join(root, folder), { recursive: true });
  for (const [index, size] of sizes.entries()) {
    const name = join(folders[index % folders.length], `IMG_${String(index).padStart(5, '0')}.jpg`);
    const bytes = randomBytes(size);
    await writeFile(join(root, name), bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    files.push({ disk: join(root, name), path: `${inside}/${name}`, size, sha256 });
  }
  return { root, files, remove: () => rm(home, { recursive: true }) };
}

async function sources() {
  const names = ['rocket.jpg', 'retina.jpg', 'hubble_deep_field.jpg', 'astronaut.png', 'chelsea.png', 'coffee.png'];
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(new URL(name, SOURCES))])));
}
