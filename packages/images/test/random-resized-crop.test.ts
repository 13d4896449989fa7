import { ndArray, type PixelImage, randomStream } from '@espalier/core';
import { type CropBox, randomCropBox, resizeCrop, resizePixels } from '@espalier/images';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import pillow from './fixtures/pillow-resize.json' with { type: 'json' };

const noise = (height: number, width: number): PixelImage => {
  const stream = randomStream(1, 'noise', height, width);
  return { height, width, data: Uint8Array.from({ length: height * width * 3 }, () => stream.integer(256)) };
};

/** The same resize, written the slow way: each output value from the definition of the widened triangle. */
function slowResize(image: PixelImage, box: CropBox, height: number, width: number, flip: boolean): number[] {
  const weightsOf = (place: number, from: number, to: number): number[] => {
    const step = from / to;
    const reach = Math.max(1, step);
    const centre = (place + 0.5) * step - 0.5;
    const weights = Array.from({ length: from }, (_, i) => Math.max(0, 1 - Math.abs(i - centre) / reach));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return weights.map((weight) => weight / total);
  };
  const values: number[] = [];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++) {
        const rows = weightsOf(y, box.height, height);
        const columns = weightsOf(flip ? width - 1 - x : x, box.width, width);
        let sum = 0;
        rows.forEach((row, i) => {
          columns.forEach((column, j) => {
            sum += row * column * image.data[((box.top + i) * image.width + box.left + j) * 3 + c]!;
          });
        });
        values.push(sum / 255);
      }
  return values;
}

const boxIn = (height: number, width: number) =>
  fc.record({ top: fc.nat(height - 1), left: fc.nat(width - 1) }).chain(({ top, left }) =>
    fc.record({
      top: fc.constant(top),
      left: fc.constant(left),
      height: fc.integer({ min: 1, max: height - top }),
      width: fc.integer({ min: 1, max: width - left }),
    }),
  );

test('a resized crop is what the definition says, enlarging and shrinking, mirrored or not', () => {
  const image = noise(23, 31);
  const size = fc.integer({ min: 1, max: 26 });
  fc.assert(
    fc.property(boxIn(23, 31), size, size, fc.boolean(), (box, height, width, flip) => {
      const out = new Float32Array(height * width * 3);
      resizeCrop(image, box, { height, width, flip }, out);
      const slow = slowResize(image, box, height, width, flip);
      // Float32 keeps 24 bits; the columns' pass is rounded once to it, at up to 255.
      for (let i = 0; i < out.length; i++) expect(Math.abs(out[i]! - slow[i]!)).toBeLessThan(3e-7);
    }),
    { seed: 2, numRuns: 60 },
  );
});

test('a box of the asked size is copied, every byte value exactly', () => {
  const image = { height: 16, width: 16, data: Uint8Array.from({ length: 768 }, (_, i) => i % 256) };
  const out = new Float32Array(768);
  resizeCrop(image, { top: 0, left: 0, height: 16, width: 16 }, { height: 16, width: 16 }, out);
  expect(out).toEqual(Float32Array.from(image.data, (value) => value / 255));
});

test('writes at the offset and nowhere else', () => {
  const batch = ndArray('n h w c', [3, 2, 2, 3]);
  const image = { height: 1, width: 1, data: Uint8Array.of(255, 51, 0) };
  resizeCrop(image, { top: 0, left: 0, height: 1, width: 1 }, { height: 2, width: 2 }, batch.data, 12);
  const expected = [1, 0.2, 0, 1, 0.2, 0, 1, 0.2, 0, 1, 0.2, 0];
  expect([...batch.data]).toEqual([...new Array(12).fill(0), ...Float32Array.from(expected), ...new Array(12).fill(0)]);
});

test.each(pillow.cases)('resizes $from to $to as Pillow does', ({ from, to, pixels, resized }) => {
  const image = { height: from[0]!, width: from[1]!, data: Uint8Array.from(pixels) };
  const ours = resizePixels(image, to[0]!, to[1]!);
  // Pillow rounds to bytes between its two passes and we do not: one level apart at most.
  for (const [i, value] of resized.entries()) expect(Math.abs(ours.data[i]! - value)).toBeLessThanOrEqual(1);
});

test('a drawn box lies inside, with an allowed area and ratio, up to rounding', () => {
  for (let i = 0; i < 500; i++) {
    const box = randomCropBox(randomStream(i), 120, 160, { scale: [0.35, 1], ratio: [3 / 4, 4 / 3] });
    expect(box.top).toBeGreaterThanOrEqual(0);
    expect(box.left).toBeGreaterThanOrEqual(0);
    expect(box.top + box.height).toBeLessThanOrEqual(120);
    expect(box.left + box.width).toBeLessThanOrEqual(160);
    expect((box.height * box.width) / (120 * 160)).toBeGreaterThan(0.345);
    expect(box.width / box.height).toBeGreaterThan(0.74);
    expect(box.width / box.height).toBeLessThan(1.35);
  }
});

test('areas are uniform: a quarter of the draws in each quarter of the range', () => {
  const areas = Array.from({ length: 4000 }, (_, i) => {
    const { height, width } = randomCropBox(randomStream(i, 'area'), 400, 400, { scale: [0.2, 0.6], ratio: [1, 1] });
    return (height * width) / 160_000;
  });
  for (const quarter of [0, 1, 2, 3]) {
    const share = areas.filter((area) => Math.floor((area - 0.2) / 0.1) === quarter).length / areas.length;
    expect(Math.abs(share - 0.25)).toBeLessThan(0.03); // 4 standard errors of 0.007
  }
});

test('when no rectangle fits, the largest centred one of an allowed ratio is taken', () => {
  const range = { scale: [1, 1], ratio: [1, 1] } as const;
  expect(randomCropBox(randomStream(0), 10, 40, range)).toEqual({ top: 0, left: 15, height: 10, width: 10 });
  expect(randomCropBox(randomStream(0), 41, 10, range)).toEqual({ top: 15, left: 0, height: 10, width: 10 });
});
