import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createFrom, type Dataset, holdOut, parseOptions } from '@espalier/core';
import { describeDataset } from '@espalier/core/testing';
import { byteStore, decodeImage, evaluationGeometry, fileSplit, plainReading } from '@espalier/data-folder';
import { imagenette, imagenetteFolder } from '@espalier/data-imagenette';
import { trainingBatches } from '@espalier/images';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { quietServices, type TinySizes, temporaryFolder } from '../../data-folder/test/tiny-folder.ts';
import { tinyImagenette, writeTinyImagenette } from './tiny-imagenette.ts';

async function open(sizes: TinySizes = {}, options: Record<string, unknown> = {}): Promise<Dataset> {
  const folder = await tinyImagenette(sizes);
  return createFrom(imagenette, { size: 32, tuneFraction: 0.25, folder, ...options }, quietServices());
}

describe.each([
  ['imagenette', {}, {}],
  ['imagenette of square images without memory', { height: 32, width: 32 }, { memory: 0 }],
])('%s', (name, sizes, options) => {
  // One folder for all laws: none of them writes to it.
  const folder = mkdtempSync(join(tmpdir(), 'tiny-imagenette-'));
  beforeAll(() => writeTinyImagenette(folder, sizes));
  afterAll(() => rmSync(folder, { recursive: true }));
  describeDataset(name, () =>
    createFrom(imagenette, { size: 32, tuneFraction: 0.25, folder, ...options }, quietServices()),
  );
});

test('labels, ids and class names follow the sorted WordNet ids', async () => {
  const val = (await open()).split('val');
  expect(val.ids.slice(0, 3)).toEqual([
    'val/n01440764/n01440764_0.JPEG',
    'val/n01440764/n01440764_1.JPEG',
    'val/n02102040/n02102040_0.JPEG',
  ]);
  expect(val.labels).toEqual(Array.from({ length: 20 }, (_, i) => Math.floor(i / 2)));
  expect(val.classes[0]).toBe('tench');
  expect(val.classes[9]).toBe('parachute');
});

test('the tuning part is taken from train, the same share of every class', async () => {
  const dataset = await open();
  const [train, tune] = [dataset.split('train'), dataset.split('tune')];
  expect([train.ids.length, tune.ids.length]).toEqual([30, 10]);
  expect(new Set(tune.labels).size).toBe(10);
  expect(tune.ids.every((id) => id.startsWith('train/'))).toBe(true);
});

test('an image that is square and of the asked size is the decoded file, nothing else', async () => {
  const folder = await tinyImagenette({ height: 32, width: 32 });
  const dataset = await createFrom(imagenette, { size: 32, folder, resizeRatio: 256 / 224 }, quietServices());
  const val = dataset.split('val');
  const { data } = await val.images([3]);
  const decoded = await decodeImage(join(folder, val.ids[3]!));
  expect(data).toEqual(Float32Array.from(decoded.data, (value) => value / 255));
  const [stored] = await val.pixels([3]);
  expect(stored!.data).toEqual(decoded.data);
});

test('evaluation shows the middle of the longer side', async () => {
  const folder = await tinyImagenette();
  const path = join(folder, 'val/n01440764/n01440764_0.JPEG');
  // Left to right: red, green, blue thirds of a 96 x 32 image; the middle 32 x 32 is all green.
  const data = Uint8Array.from({ length: 96 * 32 * 3 }, (_, i) => (Math.floor((i % 288) / 96) === i % 3 ? 255 : 0));
  await sharp(data, { raw: { width: 96, height: 32, channels: 3 } })
    .png()
    .toFile(path);
  const dataset = await createFrom(imagenette, { size: 32, folder }, quietServices());
  const image = await dataset.split('val').images([0]);
  expect(image.data.every((value, i) => value === (i % 3 === 1 ? 1 : 0))).toBe(true);
});

test('batches of random crops come out in the size of the dataset', async () => {
  const train = (await open()).split('train');
  const source = trainingBatches(train, { batchSize: 8, crop: { scale: [0.5, 1], ratio: [1, 1] }, flip: true }, 0);
  const shapes: (readonly number[])[] = [];
  for await (const { images } of source.epoch(0)) shapes.push(images.shape);
  expect(shapes.map((shape) => shape.join())).toEqual([...new Array(3).fill('8,32,32,3'), '6,32,32,3']);
});

describe('digests', () => {
  // Until the times of the files are older than the coarsest clock of a file system.
  const settled = () => new Promise((resolve) => setTimeout(resolve, 2100));

  const digestsOf = async (folder: string, options: Record<string, unknown> = {}, services = quietServices()) => {
    const all = { size: 32, folder, ...options };
    const dataset = await createFrom(imagenette, all, services);
    return {
      val: dataset.split('val').digest,
      fingerprint: await imagenette.fingerprint!(parseOptions(imagenette, all), services),
    };
  };

  test('do not depend on where the folder is', async () => {
    expect(await digestsOf(await tinyImagenette())).toEqual(await digestsOf(await tinyImagenette()));
  });

  test('change with the size, without the fingerprint of the files changing', async () => {
    const folder = await tinyImagenette();
    const [a, b] = [await digestsOf(folder), await digestsOf(folder, { size: 36 })];
    expect(b.val).not.toBe(a.val);
    expect(b.fingerprint).toBe(a.fingerprint);
  });

  test('change with the content of one file, also when its size stays', async () => {
    const folder = await tinyImagenette();
    const services = quietServices();
    const before = await digestsOf(folder, {}, services);
    const path = join(folder, 'val/n01440764/n01440764_0.JPEG');
    const content = await readFile(path);
    content[content.length - 20]! ^= 1;
    writeFileSync(path, content);
    utimesSync(path, new Date(), new Date(Date.now() + 5000));
    const after = await digestsOf(folder, {}, services);
    expect(after.val).not.toBe(before.val);
    expect(after.fingerprint).not.toBe(before.fingerprint);
  });

  test('change with a file whose size and time stay, as git sees it too', async () => {
    const folder = await tinyImagenette();
    const services = quietServices();
    const path = join(folder, 'val/n01440764/n01440764_0.JPEG');
    const time = new Date('2026-01-01');
    utimesSync(path, time, time);
    await settled();
    const before = await digestsOf(folder, {}, services);
    const content = await readFile(path);
    content[content.length - 20]! ^= 1;
    writeFileSync(path, content);
    utimesSync(path, time, time);
    expect(await digestsOf(folder, {}, services)).not.toEqual(before);
  });

  test('change with another file of the same size and time in the place of one', async () => {
    const folder = await tinyImagenette();
    const services = quietServices();
    const path = join(folder, 'val/n01440764/n01440764_0.JPEG');
    const content = await readFile(path);
    content[content.length - 20]! ^= 1;
    writeFileSync(join(folder, 'other'), content);
    const time = new Date('2026-01-01');
    for (const each of [path, join(folder, 'other')]) utimesSync(each, time, time);
    await settled();
    const before = await digestsOf(folder, {}, services);
    renameSync(join(folder, 'other'), path);
    expect(await digestsOf(folder, {}, services)).not.toEqual(before);
  });

  test('are remembered: a file that has not changed is not read again', async () => {
    const folder = await tinyImagenette();
    const services = quietServices();
    await settled();
    const before = await digestsOf(folder, {}, services);
    const cache = join(services.cacheFolder, 'imagenette');
    const [index] = readdirSync(cache);
    const text = readFileSync(join(cache, index!), 'utf8');
    writeFileSync(join(cache, index!), text.replaceAll(/"digest":"[0-9a-f]{64}"/g, `"digest":"${'0'.repeat(64)}"`));
    expect(await digestsOf(folder, {}, services)).not.toEqual(before);
  });

  test('of files that have just been written are not remembered: they may change again within a tick', async () => {
    const folder = await tinyImagenette({ train: 1, val: 1 });
    const services = quietServices();
    const written = statSync(join(folder, 'val/n01440764/n01440764_0.JPEG')).ctimeMs;
    const now = vi.spyOn(Date, 'now').mockReturnValue(written); // however long reading takes on a busy machine
    onTestFinished(() => now.mockRestore());
    await digestsOf(folder, {}, services);
    const cache = join(services.cacheFolder, 'imagenette');
    const [index] = readdirSync(cache);
    expect(JSON.parse(readFileSync(join(cache, index!), 'utf8'))).toEqual({ version: 2, files: {} });
  });

  test('a damaged memory of digests is as good as none', async () => {
    const folder = await tinyImagenette();
    const services = quietServices();
    const before = await digestsOf(folder, {}, services);
    const cache = join(services.cacheFolder, 'imagenette');
    for (const name of readdirSync(cache)) writeFileSync(join(cache, name), '{"a": [1');
    expect(await digestsOf(folder, {}, services)).toEqual(before);
  });
});

describe('what a newcomer gets wrong', () => {
  const failing = async (options: Record<string, unknown>): Promise<string> => {
    try {
      await createFrom(imagenette, { size: 32, ...options }, quietServices());
    } catch (error) {
      const { code, message } = error as { code: string; message: string };
      const folder = typeof options.folder === 'string' ? resolve(options.folder) : '';
      return `${code}: ${folder === '' ? message : message.replaceAll(folder, '<folder>')}`;
    }
    return 'nothing failed';
  };

  test('neither folder nor archive', async () => {
    expect(await failing({})).toMatchInlineSnapshot(
      `"core/data-missing: ImageNette needs one of the options "folder" and "archive"; found neither. Set "folder" to an ImageNette folder (train/ and val/), or "archive" to "160", "320" or "full" to download one."`,
    );
  });

  test('a folder that is given is taken, whatever the archive', async () => {
    expect(await failing({ folder: 'not there', archive: '160' })).toContain('There is no folder "<folder>"');
  });

  test('a folder that is not there', async () => {
    expect(await failing({ folder: join(temporaryFolder(), 'imagenet') })).toMatchInlineSnapshot(
      `"core/data-missing: There is no folder "<folder>". Set the option "folder" to an ImageNette folder (train/ and val/, each with one folder per class, n01440764 to n03888257), or leave it out and set "archive" to "160", "320" or "full" to download one."`,
    );
  });

  test('a folder of another layout', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'images'));
    expect(await failing({ folder })).toMatchInlineSnapshot(
      `"core/data-missing: The folder "<folder>" has no folder "train"; the folders in it: images. Set the option "folder" to an ImageNette folder (train/ and val/, each with one folder per class, n01440764 to n03888257), or leave it out and set "archive" to "160", "320" or "full" to download one."`,
    );
  });

  test('an archive that is not unpacked, and a folder too many', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'imagenette2-160.tgz'), '');
    mkdirSync(join(folder, 'imagenette2-160/train'), { recursive: true });
    expect(await failing({ folder })).toContain(
      'Did you mean "<folder>/imagenette2-160"? Unpack imagenette2-160.tgz first. Set the option "folder"',
    );
  });

  test('a class too many and one too few', async () => {
    const folder = await tinyImagenette();
    mkdirSync(join(folder, 'val/n01443537'));
    rmSync(join(folder, 'val/n03888257'), { recursive: true });
    expect(await failing({ folder })).toMatchInlineSnapshot(
      `"core/data-missing: The folder "<folder>/val" must have exactly the ten classes of ImageNette; missing: n03888257; unknown: n01443537. Set the option "folder" to an ImageNette folder (train/ and val/, each with one folder per class, n01440764 to n03888257), or leave it out and set "archive" to "160", "320" or "full" to download one."`,
    );
  });

  test('a class without images', async () => {
    const folder = await tinyImagenette();
    rmSync(join(folder, 'train/n03888257'), { recursive: true });
    mkdirSync(join(folder, 'train/n03888257'));
    expect(await failing({ folder })).toMatchInlineSnapshot(
      `"core/data-missing: The folder "<folder>/train/n03888257" has no JPEG or PNG images. Set the option "folder" to an ImageNette folder (train/ and val/, each with one folder per class, n01440764 to n03888257), or leave it out and set "archive" to "160", "320" or "full" to download one."`,
    );
  });

  test('truncated, empty and foreign files, all named together before anything runs', async () => {
    const folder = await tinyImagenette();
    truncateSync(join(folder, 'train/n01440764/n01440764_1.JPEG'), 300);
    truncateSync(join(folder, 'train/n01440764/n01440764_2.JPEG'), 0);
    writeFileSync(join(folder, 'val/n03888257/n03888257_0.JPEG'), '<html>not found</html>');
    expect(await failing({ folder })).toMatchInlineSnapshot(`
      "core/data-corrupt: Expected whole JPEG or PNG images; 3 of them cannot be decoded:
        <folder>/train/n01440764/n01440764_1.JPEG: it is cut short
        <folder>/train/n01440764/n01440764_2.JPEG: it is an empty file; copy or download it again
        <folder>/val/n03888257/n03888257_0.JPEG: it is an HTML page; the server answered with a page instead of the file: open its address in a browser and download it again
      Replace these files by whole ones, or delete them; the option "onDamaged": "skip" goes on without them and says so in the report."
    `);
  });

  test('of very many bad files twenty are named', async () => {
    const folder = await tinyImagenette();
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.JPEG'));
    for (const name of names.slice(0, 23)) truncateSync(join(folder, name), 0);
    const text = await failing({ folder });
    expect(text.split('\n').filter((line) => line.includes('.JPEG:'))).toHaveLength(20);
    expect(text).toContain('and 3 more');
  });

  test('a file damaged later is named when it is decoded', async () => {
    const folder = await tinyImagenette();
    const dataset = await createFrom(imagenette, { size: 32, folder }, quietServices());
    const val = dataset.split('val');
    truncateSync(join(folder, val.ids[1]!), 400);
    await expect(val.images([0, 1])).rejects.toThrow(/1 of them cannot be decoded:\n .*n01440764_1\.JPEG: /);
    await expect(val.pixels([1])).rejects.toMatchObject({ code: 'core/data-corrupt' });
    expect((await val.images([0])).shape).toEqual([1, 32, 32, 3]);
  });

  test('a misspelt option', async () => {
    expect(await failing({ foldr: 'x' })).toMatchInlineSnapshot(`
      "core/options-invalid: Options of the dataset "imagenette" are not valid:
      ✖ Unrecognized key: "foldr""
    `);
  });
});

describe('the real ImageNette', () => {
  const root = resolve(import.meta.dirname, '../../..');
  const folder = process.env.ESPALIER_IMAGENETTE ?? join(root, '../shared/data/imagenette2-224');
  const skip = existsSync(folder) ? false : `no ImageNette at ${folder}`;

  test.skipIf(skip)(`has 9,469 and 3,925 images, 224 x 224 ones unchanged${skip ? ` (${skip})` : ''}`, async () => {
    const listed = imagenetteFolder(folder);
    const geometry = (height: number, width: number) => evaluationGeometry(height, width, 224, 1);
    const pixels = { digests: new Map(), reading: plainReading, size: 224, geometry, preprocessing: [] };
    const common = { classes: listed.val.classes, store: byteStore(0), ...pixels };
    const { train, tune } = holdOut(fileSplit({ name: 'train', files: listed.train.files, ...common }), 0.1, 0);
    const val = fileSplit({ name: 'val', files: listed.val.files, ...common });
    expect([train, tune, val].map(({ ids }) => ids.length)).toEqual([8522, 947, 3925]);
    const decoded = await decodeImage(join(folder, val.ids[1234]!));
    const { data } = await val.images([1234]);
    expect(data.every((value, i) => value === Math.fround(decoded.data[i]! / 255))).toBe(true);
  });
});
