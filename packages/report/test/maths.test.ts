import { matrixColumn } from '@espalier/analysis';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tickFormat } from '../src/charts/series.ts';
import { chooseImages } from '../src/gallery/choose-images.ts';
import { blueWhiteRed, colourAt, inferno, paintMagnitude, paintSigned } from '../src/gallery/colour-maps.ts';
import { strongest } from '../src/gallery/concept-gallery.ts';
import { cropRaster, joinRasters } from '../src/gallery/raster.ts';
import { enlarge, shrink } from '../src/gallery/resample.ts';

test('a column of a matrix', () => {
  expect([...matrixColumn(Float32Array.of(1, 2, 3, 4, 5, 6), 3, 1)]).toEqual([2, 5]);
});

describe('resampling', () => {
  const sizes = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }));

  test('shrinking averages areas: equal to summing a finely divided map', () => {
    fc.assert(
      fc.property(sizes, sizes, ([h, w], [a, b]) => {
        const to = [Math.min(a, h), Math.min(b, w)] as const;
        const values = Float32Array.from({ length: h * w }, (_, i) => ((i * 7) % 11) - 5);
        const small = shrink(values, [h, w], to);
        for (let y = 0; y < to[0]; y++) {
          for (let x = 0; x < to[1]; x++) {
            // divide every pixel into to[0] x to[1] parts: parts then belong to one output pixel each
            let sum = 0;
            for (let i = 0; i < h; i++) {
              for (let j = 0; j < w; j++)
                sum += values[Math.floor((y * h + i) / to[0]) * w + Math.floor((x * w + j) / to[1])]!;
            }
            expect(small[y * to[1] + x]).toBeCloseTo(sum / (h * w), 4);
          }
        }
      }),
      { seed: 3 },
    );
  });

  test('enlarging keeps constants, ends and, to the same size, everything', () => {
    expect([...enlarge([3, 3, 3, 3], [2, 2], [5, 7])]).toEqual(Array(35).fill(3));
    expect([...enlarge([1, 2, 3, 4, 5, 6], [2, 3], [2, 3])]).toEqual([1, 2, 3, 4, 5, 6]);
    expect([...enlarge([0, 1], [1, 2], [1, 4])]).toEqual([0, 0.25, 0.75, 1]);
  });
});

describe('colours', () => {
  test('zero is neutral, signs go to their own ends, and values beyond the limit stay there', () => {
    const [zero, positive, negative] = [0, 1, 2].map((i) => [
      ...paintSigned(Float32Array.of(0, 2, -2), 1).subarray(3 * i, 3 * i + 3),
    ]);
    expect(Math.max(...zero!) - Math.min(...zero!)).toBeLessThanOrEqual(3);
    expect(Math.min(...zero!)).toBeGreaterThan(240);
    expect(positive).toEqual([...blueWhiteRed.subarray(-3)]);
    expect(negative).toEqual([...blueWhiteRed.subarray(0, 3)]);
    expect([...paintMagnitude(Float32Array.of(0), 1)]).toEqual([0, 0, 4]);
  });

  test('magnitudes get lighter all the way', () => {
    const lightness = Array.from({ length: 256 }, (_, i) => {
      const [red, green, blue] = inferno.subarray(3 * i, 3 * i + 3);
      return 0.2126 * (red! / 255) ** 2.2 + 0.7152 * (green! / 255) ** 2.2 + 0.0722 * (blue! / 255) ** 2.2;
    });
    for (let i = 1; i < 256; i++) expect(lightness[i]).toBeGreaterThanOrEqual(lightness[i - 1]! - 1e-4);
    expect(colourAt(inferno, 0)).toBe('#000004');
    expect(colourAt(inferno, 1)).toBe('#fcffa4');
  });
});

test('ticks have the decimals that tell them apart', () => {
  expect(tickFormat([2.13, 2.16], false)).toBe('.3f'); // ticks every 0.005
  expect(tickFormat([0.4, 0.65], false)).toBe('.2f'); // every 0.05
  expect(tickFormat([0, 1], false)).toBe('.2f');
  expect(tickFormat([0.4, 0.9], true)).toBe('.0%');
  expect(tickFormat([0.84, 0.86], true)).toBe('.1%'); // every 0.5 %
});

describe('choosing', () => {
  test('images are taken class by class, never one of an unwanted class', () => {
    const images = { labels: [0, 0, 0, 1, 2, 2] };
    const all = [0, 1, 2, 3, 4, 5];
    expect(chooseImages(images, all, { limit: 4, classes: new Set([0, 1, 2]) })).toEqual([0, 1, 3, 4]);
    expect(chooseImages(images, all, { limit: 99, classes: new Set([2]) })).toEqual([4, 5]);
    expect(chooseImages(images, [1, 5], { limit: 99, classes: new Set([0, 1, 2]) })).toEqual([1, 5]);
    expect(chooseImages(images, all, { limit: 0, classes: new Set([0]) })).toEqual([]);
  });

  test('the strongest come first, ties by index, zeros never', () => {
    expect(strongest([0, 2, 5, 2, 0], 3)).toEqual([2, 1, 3]);
    expect(strongest([0, 0], 3)).toEqual([]);
  });
});

test('crops are cut where they were taken, and strips keep their parts', () => {
  const data = Uint8Array.from({ length: 4 * 4 * 3 }, (_, i) => Math.floor(i / 3));
  const crop = cropRaster({ data, width: 4, height: 4 }, 1, 2, 2);
  expect([...crop.data].filter((_, i) => i % 3 === 0)).toEqual([6, 7, 10, 11]);
  expect(cropRaster({ data, width: 4, height: 4 }, 3, 3, 2)).toMatchObject({ width: 1, height: 1 });
  const strip = joinRasters([crop, crop], 1);
  expect(strip).toMatchObject({ width: 5, height: 2 });
  expect([...strip.data].filter((_, i) => i % 4 === 0)).toEqual([6, 7, 0, 6, 7, 10, 11, 0, 10, 11]);
  expect([...strip.data].filter((_, i) => i % 4 === 3)).toEqual([255, 255, 0, 255, 255, 255, 255, 0, 255, 255]);
});
