import { existsSync, readdirSync, readFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createFrom, parseOptions, randomStream } from '@espalier/core';
import { decodeImage, imageFolder } from '@espalier/data-folder';
import sharp, { type JpegOptions } from 'sharp';
import { describe, expect, test } from 'vitest';
import { jpegProblem } from '../src/decoding/integrity/jpeg-problem.ts';
import { pixelBudget } from '../src/decoding/integrity/pixel-budget.ts';
import { pngProblem } from '../src/decoding/integrity/png-problem.ts';
import { gradient, quietServices, tinyFolder } from './tiny-folder.ts';

const drawn = new Map<string, Uint8Array>();

/** As in a photograph, something in every block and some of it black or white; the same for the same seed. */
function textured(height: number, width: number, seed: number): Uint8Array {
  const name = `${height} x ${width}, ${seed}`;
  const pixels = drawn.get(name) ?? drawTexture(height, width, seed);
  drawn.set(name, pixels);
  return pixels;
}

function drawTexture(height: number, width: number, seed: number): Uint8Array {
  const stream = randomStream(seed, 'texture');
  const clamp = (value: number) => Math.max(0, Math.min(255, value));
  return gradient(height, width, seed).map((value) => clamp(3 * value - 256 + stream.integer(81) - 40));
}

const image = (height: number, width: number, seed: number) =>
  sharp(textured(height, width, seed), { raw: { height, width, channels: 3 } });

const ways: Readonly<Record<string, JpegOptions>> = {
  baseline: {},
  'the best quality': { quality: 100, chromaSubsampling: '4:4:4' },
  'the worst quality': { quality: 1 },
  progressive: { progressive: true },
  'progressive, all colours': { progressive: true, quality: 100, chromaSubsampling: '4:4:4' },
  mozjpeg: { mozjpeg: true },
};

describe.each(Object.entries(ways))('a JPEG (%s)', (_, options) => {
  test.each([
    [1, 1],
    [7, 9],
    [64, 48],
    [123, 77],
  ])('of %i x %i pixels is whole as an encoder writes it', async (height, width) => {
    for (const seed of [0, 1, 2]) {
      const colour = await image(height, width, seed).jpeg(options).toBuffer();
      const grey = await image(height, width, seed).toColourspace('b-w').jpeg(options).toBuffer();
      const print = await image(height, width, seed).toColourspace('cmyk').jpeg(options).toBuffer();
      expect([colour, grey, print].map(jpegProblem)).toEqual([undefined, undefined, undefined]);
    }
  });

  test('with 100 bytes of its pixels zeroed, or eight bits flipped, is told nearly always', async () => {
    // It cannot be always: damage may leave whole codes of the same number of pixels.
    let [zeroed, flipped] = [0, 0];
    for (let seed = 0; seed < 50; seed++) {
      const file = await image(160, 160, seed).jpeg(options).toBuffer();
      const middle = file.length >> 1;
      if (jpegProblem(Buffer.from(file).fill(0, middle, middle + 100)) !== undefined) zeroed++;
      const stream = randomStream(seed, 'flips');
      const copy = Buffer.from(file);
      for (let i = 0; i < 8; i++) copy[middle + stream.integer(middle - 10)]! ^= 1 << stream.integer(8);
      if (jpegProblem(copy) !== undefined) flipped++;
    }
    expect(zeroed).toBeGreaterThanOrEqual(40);
    expect(flipped).toBeGreaterThanOrEqual(35);
  });

  test('cut anywhere is told', async () => {
    const file = await image(64, 48, 3).jpeg(options).toBuffer();
    for (let length = 0; length < file.length; length += 7) {
      expect(jpegProblem(file.subarray(0, length))).toMatch(/cut short|damaged/);
    }
  });
});

test('a progressive JPEG that ends between two of its scans is told', async () => {
  const file = await image(64, 48, 3).jpeg({ progressive: true }).toBuffer();
  const scans = [...file.keys()].filter((at) => file[at] === 0xff && file[at + 1] === 0xda);
  expect(scans.length).toBeGreaterThan(5);
  for (const scan of scans.slice(1)) {
    // Before each scan stand its tables.
    const table = file.lastIndexOf(Buffer.of(0xff, 0xc4), scan);
    const end = Math.max(table, file.lastIndexOf(Buffer.of(0xff, 0xda), scan - 1)) === table ? table : scan;
    const cut = Buffer.concat([file.subarray(0, end), Buffer.of(0xff, 0xd9)]);
    expect(jpegProblem(cut)).toMatch(/^(the scans that add its last detail|some of its colours) are missing$/);
  }
});

test('a JPEG with restart markers is whole, and told when one is gone', async () => {
  const { frame, table, scan } = tinyJpegParts();
  const whole = Buffer.concat([frame, table, scan([0x3f, 0xff, 0xd0, 0x3f])]);
  expect(jpegProblem(whole)).toBeUndefined();
  expect(jpegProblem(Buffer.concat([frame, table, scan([0x3f, 0xff, 0xd1, 0x3f])]))).toMatch(/out of order/);
  expect(jpegProblem(Buffer.concat([frame, table, scan([0x3f])]))).toMatch(/more or fewer restart markers/);
  expect(jpegProblem(Buffer.concat([frame, table, scan([0x3f, 0x00, 0x00, 0xff, 0xd0, 0x3f])]))).toMatch(
    /2 bytes longer than its pixels need/,
  );
});

test('a JPEG of more scans than any encoder writes is refused before a decoder is busy with it', () => {
  const { frame, table } = tinyJpegParts();
  const scans = Array.from({ length: 300 }, () => tinyJpegParts().scan([0x3f, 0xff, 0xd0, 0x3f]).subarray(0, -2));
  expect(jpegProblem(Buffer.concat([frame, table, ...scans, Buffer.of(0xff, 0xd9)]))).toMatch(/more than 200 scans/);
});

/** A grey image of 16 x 8 pixels: two blocks of a brightness of zero (code 0) that end at once (code 0), restarted between. */
function tinyJpegParts() {
  const segment = (marker: number, body: readonly number[]) => [0xff, marker, 0, body.length + 2, ...body];
  const huffman = (id: number) => segment(0xc4, [id, 1, ...new Array<number>(15).fill(0), 0]);
  return {
    frame: Buffer.of(
      0xff,
      0xd8,
      ...segment(0xdb, [0, ...new Array<number>(64).fill(1)]),
      ...segment(0xc0, [8, 0, 8, 0, 16, 1, 1, 0x11, 0]),
    ),
    table: Buffer.of(...huffman(0), ...huffman(0x10), ...segment(0xdd, [0, 1])),
    scan: (data: readonly number[]) => Buffer.of(...segment(0xda, [1, 1, 0, 0, 63, 0]), ...data, 0xff, 0xd9),
  };
}

test('of a PNG every flipped bit and every cut is told', async () => {
  const file = await image(20, 30, 5).png().toBuffer();
  expect(pngProblem(file)).toBeUndefined();
  for (let at = 8; at < file.length; at++) {
    const copy = Buffer.from(file);
    copy[at]! ^= 1 << (at % 8);
    expect(pngProblem(copy)).toMatch(/the checksum of its part|it is cut short/);
    expect(pngProblem(file.subarray(0, at))).toBe('it is cut short');
  }
});

describe('what is no image that is read is refused by name, whatever it is called', () => {
  const svg = Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><rect width="9" height="9"/></svg>',
  );
  const others: Readonly<Record<string, () => Promise<Buffer> | Buffer>> = {
    'an SVG drawing': () => svg,
    'a BMP image': () => Buffer.concat([Buffer.from('BM'), Buffer.alloc(12), Buffer.of(40, 0, 0, 0), Buffer.alloc(40)]),
    'a JPEG XL image': () => Buffer.of(0xff, 0x0a, 1, 2),
    'a PDF document': () => Buffer.from('%PDF-1.7\n'),
    'a Git LFS pointer; fetch the file that it stands for with "git lfs pull"': () =>
      Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n'),
    'plain text': () => Buffer.from('not an image'),
  };
  test.each(Object.entries(others))('%s', async (words, make) => {
    await expect(decodeImage(await make())).rejects.toThrow(`it is ${words}`);
    const folder = await tinyFolder();
    const path = join(folder, 'train/ant/ant_0.JPEG');
    writeFileSync(path, await make());
    const run = createFrom(imageFolder, { size: 32, folder }, quietServices());
    await expect(run).rejects.toMatchObject({
      code: 'core/data-corrupt',
      message: expect.stringContaining(`  ${path}: it is ${words}`),
    });
  });

  test('a PNG that is called a JPEG is a PNG', async () => {
    const png = await image(40, 40, 1).png().toBuffer();
    const folder = await tinyFolder();
    writeFileSync(join(folder, 'val/ant/ant_0.JPEG'), png);
    const dataset = await createFrom(imageFolder, { size: 32, folder }, quietServices());
    expect((await dataset.split('val').images([0])).shape).toEqual([1, 32, 32, 3]);
  });
});

describe('pixels are decoded within a budget', () => {
  test('an image of more pixels than any photograph is refused by its path, without decoding it', async () => {
    const folder = await tinyFolder();
    const path = join(folder, 'train/ant/ant_0.JPEG');
    const huge = sharp({ create: { width: 10_001, height: 10_000, channels: 3, background: '#000' } });
    writeFileSync(path, await huge.toColourspace('b-w').png({ compressionLevel: 1 }).toBuffer());
    await expect(createFrom(imageFolder, { size: 32, folder }, quietServices())).rejects.toMatchObject({
      code: 'core/data-corrupt',
      message: expect.stringContaining(`${path}: it has 10001 x 10000 pixels, more than 100000000; make it smaller`),
    });
  }, 60_000);

  test('work waits in its order for room, and what is larger than all of it runs alone', async () => {
    const budget = pixelBudget(10);
    const ends: (() => void)[] = [];
    const started: string[] = [];
    const all = (
      [
        ['a', 6],
        ['b', 4],
        ['c', 1],
        ['huge', 99],
        ['d', 5],
      ] as const
    ).map(([name, pixels], i) =>
      budget.hold(pixels, () => {
        started.push(name);
        return new Promise<void>((resolve) => {
          ends[i] = resolve;
        });
      }),
    );
    const until = async (count: number) => {
      for (let i = 0; i < 20; i++) await Promise.resolve();
      expect(started).toHaveLength(count);
    };
    await until(2);
    ends[0]!();
    await until(3);
    ends[1]!();
    await until(3);
    ends[2]!();
    await until(4);
    ends[3]!();
    await until(5);
    ends[4]!();
    await Promise.all(all);
    expect(started).toEqual(['a', 'b', 'c', 'huge', 'd']);
  });

  test('work that fails gives its room back', async () => {
    const budget = pixelBudget(1);
    await expect(budget.hold(1, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await budget.hold(1, () => Promise.resolve('next'))).toBe('next');
  });
});

describe('damaged images may be skipped', () => {
  async function damagedFolder() {
    const folder = await tinyFolder();
    const paths = ['train/ant/ant_1.JPEG', 'val/cat/cat_0.JPEG'].map((id) => join(folder, id));
    for (const path of paths) truncateSync(path, readFileSync(path).length - 30);
    return folder;
  }
  const options = (folder: string) => ({ size: 32, folder, tuneFraction: 0.25, onDamaged: 'skip' });

  test('then they are no images, and are counted and named for log, record and report', async () => {
    const folder = await damagedFolder();
    const dataset = await createFrom(imageFolder, options(folder), quietServices());
    const [train, tune, val] = (['train', 'tune', 'val'] as const).map((name) => dataset.split(name));
    expect([train!.ids.length + tune!.ids.length, val!.ids.length]).toEqual([11, 5]);
    const leftOut = [
      { id: 'train/ant/ant_1.JPEG', reason: 'it is cut short' },
      { id: 'val/cat/cat_0.JPEG', reason: 'it is cut short' },
    ];
    for (const split of [train!, tune!, val!]) {
      expect(split.leftOut).toEqual(leftOut);
      expect(split.ids.filter((id) => leftOut.some((left) => left.id === id))).toEqual([]);
    }
    expect(dataset.notes).toEqual([
      expect.stringMatching(/^train\/ trains/),
      'Left out: 2: train/ant/ant_1.JPEG (it is cut short), val/cat/cat_0.JPEG (it is cut short)',
    ]);
  });

  test('digest and fingerprint say that they were: the same images without damage are another dataset', async () => {
    const [whole, damaged] = [await tinyFolder(), await damagedFolder()];
    const of = async (folder: string) => {
      const services = quietServices();
      const dataset = await createFrom(imageFolder, options(folder), services);
      const fingerprint = await imageFolder.fingerprint!(parseOptions(imageFolder, options(folder)), services);
      return [dataset.split('val').digest, fingerprint] as const;
    };
    const [a, b] = [await of(whole), await of(damaged)];
    expect(a[0]).not.toBe(b[0]);
    expect(a[1]).not.toBe(b[1]);
    expect(await of(damaged)).toEqual(b);
  });

  test('a class of which nothing is left is still an error', async () => {
    const folder = await tinyFolder({ val: 1 });
    truncateSync(join(folder, 'val/cat/cat_0.JPEG'), 100);
    const run = createFrom(imageFolder, options(folder), quietServices());
    await expect(run).rejects.toThrow(
      /1 of them cannot be decoded:\n.*cat_0\.JPEG: .*\nLeaving them out would leave a class/,
    );
  });

  test('a box of a skipped image is no unknown one', async () => {
    const folder = await damagedFolder();
    const boxes = join(folder, 'boxes.csv');
    writeFileSync(boxes, 'id,xmin,ymin,xmax,ymax\nval/cat/cat_0.JPEG,1,2,3,4\n');
    const dataset = await createFrom(imageFolder, { ...options(folder), boxes }, quietServices());
    expect(dataset.split('val').ids).toHaveLength(5);
  });
});

test('an image that changes after the dataset was opened is told, also when it is whole and its time stays', async () => {
  const folder = await tinyFolder();
  const dataset = await createFrom(imageFolder, { size: 32, folder, memory: 0 }, quietServices());
  const path = join(folder, 'val/ant/ant_1.JPEG');
  const time = new Date('2026-01-01');
  writeFileSync(path, readFileSync(join(folder, 'val/bee/bee_0.JPEG')));
  utimesSync(path, time, time);
  await expect(dataset.split('val').images([0, 1])).rejects.toMatchObject({
    code: 'core/data-corrupt',
    message:
      'Expected the images that this dataset was opened with; 1 of them have changed since:\n' +
      `  ${path}: its content is not what it was\n` +
      'Run the study again when nothing writes to its images.',
  });
});

describe('the photographs of ImageNette', () => {
  const root = resolve(import.meta.dirname, '../../..');
  const folder = process.env.ESPALIER_IMAGENETTE ?? join(root, '../shared/data/imagenette2-224');
  const skip = existsSync(folder) ? false : `no ImageNette at ${folder}`;

  test.skipIf(skip)('shows how much damage is told: what the README says', { timeout: 120_000 }, async () => {
    const val = readdirSync(join(folder, 'val'), { recursive: true, encoding: 'utf8' })
      .filter((id) => /JPEG$/.test(id))
      .sort();
    const told = { zeroed: 0, eight: 0, one: 0 };
    for (let i = 0; i < 200; i++) {
      const file = readFileSync(join(folder, 'val', val[i * 19]!));
      const stream = randomStream(i, 'damage');
      const flipped = (count: number) => {
        const copy = Buffer.from(file);
        for (let flip = 0; flip < count; flip++) {
          copy[700 + stream.integer(copy.length - 700)]! ^= 1 << stream.integer(8);
        }
        return copy;
      };
      const middle = file.length >> 1;
      const isTold = (content: Uint8Array) => (jpegProblem(content) === undefined ? 0 : 1);
      expect(isTold(file)).toBe(0);
      told.zeroed += isTold(Buffer.from(file).fill(0, middle, middle + 100));
      told.eight += isTold(flipped(8));
      told.one += isTold(flipped(1));
    }
    expect(told.zeroed).toBeGreaterThanOrEqual(170);
    expect(told.eight).toBeGreaterThanOrEqual(170);
    expect(told.one).toBeGreaterThanOrEqual(40);
  });
});
