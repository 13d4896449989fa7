import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFrom } from '@espalier/core';
import { type Box, boxMask, evaluationGeometry, type Geometry, imageFolder, readBoxes } from '@espalier/data-folder';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quietServices, temporaryFolder, tinyFolder } from './tiny-folder.ts';

const whole: Geometry = { height: 8, width: 8, top: 0, left: 0, size: 8 };

test.each([
  // Shorter side to the size, longer side rounded down, the middle of it cropped.
  [375, 500, 224, 1, { height: 224, width: 298, top: 0, left: 37, size: 224 }],
  [500, 375, 224, 256 / 224, { height: 341, width: 256, top: 58, left: 16, size: 224 }],
  [224, 224, 224, 1, { height: 224, width: 224, top: 0, left: 0, size: 224 }],
  // An image between the two sizes is cropped without resizing; a smaller one is enlarged to the size.
  [240, 300, 224, 256 / 224, { height: 240, width: 300, top: 8, left: 38, size: 224 }],
  [160, 213, 224, 256 / 224, { height: 224, width: 298, top: 0, left: 37, size: 224 }],
] as const)('%i x %i at %i, ratio %f', (height, width, size, ratio, expected) => {
  expect(evaluationGeometry(height, width, size, ratio)).toEqual(expected);
});

test('the crop always lies inside the resized image', () => {
  const side = fc.integer({ min: 1, max: 3000 });
  fc.assert(
    fc.property(
      side,
      side,
      fc.integer({ min: 32, max: 512 }),
      fc.double({ min: 1, max: 2, noNaN: true }),
      (...args) => {
        const { height, width, top, left, size } = evaluationGeometry(...args);
        return top >= 0 && left >= 0 && top + size <= height && left + size <= width;
      },
    ),
    { seed: 3 },
  );
});

const rowsOf = (mask: Uint8Array, size: number) =>
  Array.from({ length: size }, (_, y) => mask.subarray(y * size, (y + 1) * size).join(''));

test('a box marks the pixels whose centres it holds', () => {
  const mask = boxMask({ xmin: 1, ymin: 2, xmax: 4, ymax: 3.4 }, { height: 8, width: 8 }, whole);
  expect(rowsOf(mask, 8)).toEqual([
    '00000000',
    '00000000',
    '01110000',
    '00000000',
    '00000000',
    '00000000',
    '00000000',
    '00000000',
  ]);
});

test('a box follows its image through resizing and cropping', () => {
  // 100 x 200 pixels become 4 x 8, of which columns 2 to 5 are kept: x / 25 - 2, y / 25.
  const geometry = evaluationGeometry(100, 200, 4, 1);
  const mask = boxMask({ xmin: 75, ymin: 25, xmax: 1000, ymax: 75 }, { height: 100, width: 200 }, geometry);
  expect(rowsOf(mask, 4)).toEqual(['0000', '0111', '0111', '0000']);
});

test('a box outside of the crop marks nothing', () => {
  const geometry = evaluationGeometry(100, 200, 4, 1);
  const mask = boxMask({ xmin: 0, ymin: 0, xmax: 49, ymax: 100 }, { height: 100, width: 200 }, geometry);
  expect(mask.every((byte) => byte === 0)).toBe(true);
});

test('marks what a test of every pixel centre marks', () => {
  const number = fc.double({ min: 0, max: 40, noNaN: true });
  const box = fc.tuple(number, number, number, number).map(
    ([a, b, c, d]): Box => ({
      xmin: Math.min(a, b),
      xmax: Math.max(a, b),
      ymin: Math.min(c, d),
      ymax: Math.max(c, d),
    }),
  );
  fc.assert(
    fc.property(box, fc.integer({ min: 20, max: 60 }), fc.integer({ min: 20, max: 60 }), (region, height, width) => {
      const geometry = evaluationGeometry(height, width, 16, 1.25);
      const mask = boxMask(region, { height, width }, geometry);
      const slow = Array.from({ length: 256 }, (_, pixel) => {
        const x = ((geometry.left + (pixel % 16) + 0.5) * width) / geometry.width;
        const y = ((geometry.top + Math.floor(pixel / 16) + 0.5) * height) / geometry.height;
        return x >= region.xmin && x < region.xmax && y >= region.ymin && y < region.ymax ? 1 : 0;
      });
      return slow.every((byte, pixel) => byte === mask[pixel]);
    }),
    { seed: 8, numRuns: 200 },
  );
});

describe('a boxes file', () => {
  const fileOf = (name: string, text: string) => {
    const path = join(temporaryFolder(), name);
    writeFileSync(path, text);
    return path;
  };

  test('as CSV and as JSON say the same', () => {
    const csv = fileOf('b.csv', 'id,xmin,ymin,xmax,ymax\nval/a.JPEG,1,2,3,4\r\nval/a.JPEG, 5, 6.5, 7, 8\n\n');
    const json = fileOf(
      'b.json',
      '[{"id":"val/a.JPEG","xmin":1,"ymin":2,"xmax":3,"ymax":4},{"id":"val/a.JPEG","xmin":5,"ymin":6.5,"xmax":7,"ymax":8}]',
    );
    expect(readBoxes(csv)).toEqual(readBoxes(json));
    expect(readBoxes(csv).get('val/a.JPEG')).toHaveLength(2);
  });

  test.each([
    ['b.csv', 'image,x\n', /its first line must be "id,xmin,ymin,xmax,ymax"; found "image,x"/],
    ['b.csv', '', /its first line must be/],
    ['b.csv', 'id,xmin,ymin,xmax,ymax\na,1,2,3\n', /1 of its boxes are wrong:\n {2}box 1: /],
    ['b.csv', 'id,xmin,ymin,xmax,ymax\na,1,2,3,4\nb,3,2,1,4\n', /box 2: xmin must be below xmax and ymin below ymax/],
    ['b.csv', 'id,xmin,ymin,xmax,ymax\na,1,2,3,4,5\n', /box 1: Unrecognized key: "column 6"/],
    ['b.json', '{"id":"a"}', /its top level is not an array/],
    ['b.json', '[', /it is not JSON/],
  ])('%s with %j is refused', (name, text, problem) => {
    expect(() => readBoxes(fileOf(name, text))).toThrow(problem);
  });

  test('that is not there is refused', () => {
    const path = join(temporaryFolder(), 'b.csv');
    expect(() => readBoxes(path)).toThrow(`The boxes file "${path}" cannot be read. Set the option "boxes" to`);
  });

  test('gives an image the truth "object", and none to an image without boxes', async () => {
    const folder = await tinyFolder({ height: 64, width: 96 });
    const boxes = fileOf('b.csv', 'id,xmin,ymin,xmax,ymax\nval/ant/ant_1.JPEG,16,0,48,32\n');
    const services = quietServices();
    const val = (await createFrom(imageFolder, { size: 32, resizeRatio: 1, folder, boxes }, services)).split('val');
    const [region, ...others] = await val.truth!(1);
    expect(others).toEqual([]);
    expect(region!.name).toBe('object');
    // 64 x 96 becomes 32 x 48, of which columns 8 to 39 are kept: the box is 8..24 x 0..16, then 0..16 x 0..16.
    expect(region!.mask).toEqual(
      Uint8Array.from({ length: 1024 }, (_, i) => (i % 32 < 16 && Math.floor(i / 32) < 16 ? 1 : 0)),
    );
    expect(await val.truth!(0)).toEqual([]);
  });

  test('that names no image of the dataset is refused', async () => {
    const folder = await tinyFolder();
    const boxes = fileOf('b.csv', 'id,xmin,ymin,xmax,ymax\nant_1,16,0,48,32\n');
    const run = createFrom(imageFolder, { size: 32, folder, boxes }, quietServices());
    await expect(run).rejects.toThrow(/names "ant_1", which is no image of the dataset/);
  });

  test('is not asked for: then nothing knows a truth', async () => {
    const folder = await tinyFolder();
    expect((await createFrom(imageFolder, { size: 32, folder }, quietServices())).split('val').truth).toBeUndefined();
  });
});
