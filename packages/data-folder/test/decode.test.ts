import { join } from 'node:path';
import { byteStore, decodeImage, evaluationGeometry, fileSplit, plainReading } from '@espalier/data-folder';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { gradient, jpeg, temporaryFolder } from './tiny-folder.ts';

const raw = (channels: 1 | 3 | 4, data: Uint8Array) => sharp(data, { raw: { height: 20, width: 30, channels } });

test('decodes RGB bytes, row by row', async () => {
  const pixels = gradient(20, 30, 1);
  const image = await decodeImage(await raw(3, pixels).png().toBuffer());
  expect([image.height, image.width]).toEqual([20, 30]);
  expect([...image.data]).toEqual([...pixels]);
});

test('a greyscale image gets three equal channels', async () => {
  const grey = Uint8Array.from({ length: 600 }, (_, i) => i % 256);
  const image = await decodeImage(await raw(1, grey).toColourspace('b-w').png().toBuffer());
  expect([...image.data]).toEqual([...grey].flatMap((value) => [value, value, value]));
});

test('a greyscale JPEG gets three channels too', async () => {
  const file = await raw(1, gradient(20, 10, 2))
    .toColourspace('b-w')
    .jpeg()
    .toBuffer();
  expect((await sharp(file).metadata()).channels).toBe(1);
  const { data } = await decodeImage(file);
  expect(data).toHaveLength(1800);
  expect(data.every((value, i) => value === data[i - (i % 3)])).toBe(true);
});

test('a CMYK JPEG becomes RGB of about the same colours', async () => {
  const pixels = gradient(20, 30, 3);
  const file = await raw(3, pixels).toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer();
  expect((await sharp(file).metadata()).channels).toBe(4);
  const { data } = await decodeImage(file);
  expect(data).toHaveLength(1800);
  const difference = data.reduce((sum, value, i) => sum + Math.abs(value - pixels[i]!), 0) / 1800;
  expect(difference).toBeLessThan(40); // the gamut of print is smaller; inverted colours would differ by over 100
});

test('transparency is laid on black', async () => {
  const pixels = Uint8Array.from({ length: 2400 }, (_, i) => (i % 4 === 3 ? (i < 1200 ? 255 : 0) : 200));
  const { data } = await decodeImage(await raw(4, pixels).png().toBuffer());
  expect([...data]).toEqual(Array.from({ length: 1800 }, (_, i) => (i < 900 ? 200 : 0)));
});

test('an EXIF orientation is not applied: pixels stay as they are stored', async () => {
  const plain = await raw(3, gradient(20, 30, 4))
    .jpeg()
    .toBuffer();
  const turned = await raw(3, gradient(20, 30, 4))
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
  expect((await sharp(turned).metadata()).orientation).toBe(6);
  expect(await decodeImage(turned)).toEqual(await decodeImage(plain));
});

test.each([0.3, 0.7, 0.97])('a JPEG cut at %f of its length is an error, not grey pixels', async (share) => {
  const file = await jpeg(64, 64, 5);
  await expect(decodeImage(file.subarray(0, Math.floor(share * file.length)))).rejects.toThrow();
});

test('an image is decoded once while the store has room, and each time when it has none', async () => {
  const path = join(temporaryFolder(), 'a.png');
  const splitWith = (bytes: number) => {
    const file = { id: 'val/a.png', path, label: 0 };
    const geometry = (height: number, width: number) => evaluationGeometry(height, width, 32, 1);
    const common = { classes: ['a'], reading: plainReading, size: 32, geometry, preprocessing: [], digests: new Map() };
    return fileSplit({ name: 'val', files: [file], store: byteStore(bytes), ...common });
  };
  const write = (seed: number) =>
    raw(3, gradient(20, 30, seed))
      .resize(32, 32)
      .png()
      .toFile(path);
  for (const [bytes, isKept] of [
    [32 * 32 * 3, true],
    [32 * 32 * 3 - 1, false],
  ] as const) {
    await write(6);
    const split = splitWith(bytes);
    const before = await split.images([0]);
    await write(7);
    const after = await split.images([0]);
    expect(after.data.every((value, i) => value === before.data[i])).toBe(isKept);
  }
});
