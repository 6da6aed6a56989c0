import { crc32, deflateSync } from 'node:zlib';
import { encodeQR } from 'qr';

/** Pixels a module: crisp on paper, and small enough for every telephone. */
const SCALE = 4;

/** An address as a QR code (ISO/IEC 18004), in a PNG of one bit a pixel: about 700 bytes. */
export function codeImage(url: string): Buffer {
  const modules = encodeQR(url, 'raw', { ecc: 'medium', border: 4 });
  const size = modules.length * SCALE;
  const line = (row: readonly boolean[]): Buffer => {
    // The first byte names no filter; the rest is white, and black where a module is set.
    const bytes = Buffer.alloc(1 + Math.ceil(size / 8), 0xff).fill(0, 0, 1);
    row.forEach((isDark, column) => {
      if (!isDark) return;
      for (let x = column * SCALE; x < (column + 1) * SCALE; x++) bytes[1 + (x >> 3)]! &= ~(0x80 >> (x & 7));
    });
    return bytes;
  };
  const pixels = Buffer.concat(modules.flatMap((row) => Array<Buffer>(SCALE).fill(line(row))));
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  // One bit of grey; then deflate, the usual filters, not interlaced.
  header[8] = 1;
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(pixels)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A part of a PNG: length, type, content and check (W3C PNG, 5.3). */
function chunk(type: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'ascii'), content]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}
