import { constants, crc32, deflateRawSync } from "node:zlib";

/**
 * One gzip member (RFC 1952) that inflates to `megabytes` MiB of zeros. One MiB is compressed, up to a byte boundary
 * (a full flush), and its blocks are repeated, so that the size of the bomb costs next to nothing here.
 */
export function gzipOfZeros(megabytes: number): Buffer {
  if (!Number.isInteger(megabytes) || megabytes < 1 || megabytes > 4095) {
    throw new RangeError(`A gzip bomb has 1 to 4095 whole megabytes, and this one has ${megabytes}.`);
  }
  const zeros = Buffer.alloc(1024 * 1024);
  const blocks = deflateRawSync(zeros, { level: 9, finishFlush: constants.Z_FULL_FLUSH });
  let checksum = 0;
  for (let i = 0; i < megabytes; i += 1) checksum = crc32(zeros, checksum);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(checksum, 0);
  trailer.writeUInt32LE(megabytes * zeros.length, 4);
  return Buffer.concat([header, ...Array<Buffer>(megabytes).fill(blocks), lastBlock, trailer]);
}

const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);

/** Final, with fixed codes, and empty (RFC 1951 section 3.2.3). */
const lastBlock = Buffer.from([3, 0]);
