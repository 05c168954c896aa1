// CRC-64/NVME as S3 writes it, made here from its definition alone: two halves of 32 bits, a byte a step.

// 0x9A6C9329AC4BC9B5: the polynomial with its bits reversed.
const [HIGH, LOW] = [0x9a6c9329, 0xac4bc9b5];

const TABLE = Array.from({ length: 256 }, (_, byte) => {
  let [high, low] = [0, byte];
  for (let bit = 0; bit < 8; bit += 1) {
    const odd = low & 1;
    low = (low >>> 1) | ((high & 1) << 31);
    high >>>= 1;
    if (odd) [high, low] = [high ^ HIGH, low ^ LOW];
  }
  return [high >>> 0, low >>> 0];
});

/** The CRC-64/NVME of some bytes, in base64. */
export function crc64nvme(bytes) {
  let [high, low] = [0xffffffff, 0xffffffff];
  for (const byte of bytes) {
    const [up, down] = TABLE[(low ^ byte) & 255];
    low = ((low >>> 8) | (high << 24)) ^ down;
    high = (high >>> 8) ^ up;
  }
  const value = Buffer.alloc(8);
  value.writeUInt32BE(~high >>> 0, 0);
  value.writeUInt32BE(~low >>> 0, 4);
  return value.toString('base64');
}
