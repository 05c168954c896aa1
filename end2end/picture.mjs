// Pictures made from pictures: each with its own bytes and, for JPEG, what a camera writes into it.

/** A copy of a JPEG with an EXIF segment (maker, model, time, orientation) and a comment. */
export function jpegWith(jpeg, { serial, taken, orientation }) {
  if (jpeg.readUInt16BE(0) !== 0xffd8) throw new Error('not a JPEG');
  const exif = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff({ taken, orientation })]);
  const comment = Buffer.from(`picture ${serial}`, 'utf8');
  return Buffer.concat([jpeg.subarray(0, 2), segment(0xe1, exif), segment(0xfe, comment), jpeg.subarray(2)]);
}

/** A copy of a PNG with a text chunk. */
export function pngWith(png, { serial }) {
  const headerEnd = 8 + 25; // The signature and IHDR, which is always first and always that long.
  if (png.toString('latin1', 12, 16) !== 'IHDR') throw new Error('not a PNG');
  const body = Buffer.from(`tEXtComment\0picture ${serial}`, 'latin1');
  const chunk = Buffer.alloc(4 + body.length + 4);
  chunk.writeUInt32BE(body.length - 4, 0);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), 4 + body.length);
  return Buffer.concat([png.subarray(0, headerEnd), chunk, png.subarray(headerEnd)]);
}

function segment(marker, body) {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([head, body]);
}

// A TIFF of one directory: the part of EXIF that photograph software looks at first.
function tiff({ taken, orientation }) {
  const time = taken.toISOString().slice(0, 19).replace(/-/g, ':').replace('T', ' ');
  const entries = [
    text(0x010f, 'Sluice Optical'),
    text(0x0110, 'Gate II'),
    { tag: 0x0112, type: 3, count: 1, inline: orientation },
    text(0x0132, time),
  ];
  const directory = 8;
  let free = directory + 2 + entries.length * 12 + 4;
  const out = Buffer.alloc(free + entries.reduce((sum, entry) => sum + (entry.bytes?.length ?? 0), 0));
  out.write('II*\0', 0, 'latin1');
  out.writeUInt32LE(directory, 4);
  out.writeUInt16LE(entries.length, directory);
  entries.forEach((entry, index) => {
    const at = directory + 2 + index * 12;
    out.writeUInt16LE(entry.tag, at);
    out.writeUInt16LE(entry.type, at + 2);
    out.writeUInt32LE(entry.count, at + 4);
    if (entry.bytes) {
      out.writeUInt32LE(free, at + 8);
      entry.bytes.copy(out, free);
      free += entry.bytes.length;
    } else {
      out.writeUInt16LE(entry.inline, at + 8);
    }
  });
  return out;
}

function text(tag, value) {
  const bytes = Buffer.from(`${value}\0`, 'latin1');
  return { tag, type: 2, count: bytes.length, bytes };
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

export function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = CRC_TABLE[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
