import { inflateSync } from 'node:zlib';
import { decodeQR } from 'qr/decode.js';
import { codeImage } from './code-image';

test('the picture of a code is a PNG that a scanner reads', () => {
  const url = `https://plenary.example/c/${'Ab3_-'.repeat(13)}`;
  const png = codeImage(url);
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  expect(png.length).toBeLessThan(2_000);
  const size = png.readUInt32BE(16);
  const dataLength = png.readUInt32BE(33);
  const pixels = inflateSync(png.subarray(41, 41 + dataLength));
  const bytesInLine = 1 + Math.ceil(size / 8);
  const data = new Uint8ClampedArray(size * size * 4);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const isLight = (pixels[y * bytesInLine + 1 + (x >> 3)]! >> (7 - (x & 7))) & 1;
      data.set([isLight * 255, isLight * 255, isLight * 255, 255], (y * size + x) * 4);
    }
  }
  expect(decodeQR({ width: size, height: size, data })).toBe(url);
});
