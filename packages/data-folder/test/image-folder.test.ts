import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseOptions } from '@espalier/core';
import { describeDataset, describeLabels } from '@espalier/core/testing';
import { imageFolder } from '@espalier/data-folder';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { folderOf, idsOf, open, picture, quietServices, tinyFolder, writeImages } from './tiny-folder.ts';

describeDataset('images, in parts,', async () => open(await tinyFolder()));
describeDataset('images, of one folder of classes,', async () => open(await folderOf(idsOf(['a', 'b'], 5))));
describeDataset('images with masks', async () => {
  const ids = idsOf(['a', 'b'], 5);
  return open(await folderOf(ids), { masks: await folderOf(ids.slice(1)) });
});

const trials = mkdtempSync(join(tmpdir(), 'folder-trials-'));
beforeAll(async () => {
  for (const [seed, name] of ['images', 'others', 'masks'].entries())
    await writeImages(
      join(trials, name),
      idsOf(['a', 'b'], 4),
      { height: 20, width: 24 },
      idsOf(['a', 'b'], 4).map((_, i) => 10 * seed + i),
    );
  writeFileSync(join(trials, 'boxes.csv'), 'id,xmin,ymin,xmax,ymax\na/0.png,1,2,3,4\n');
});
afterAll(() => rm(trials, { recursive: true }));

describeLabels(imageFolder, {
  bases: [{ folder: join(trials, 'images'), size: 16 }],
  untriable: { evaluateOn: 'of one folder of classes it is refused; of parts it changes what the sample ids say' },
  values: {
    folder: [join(trials, 'others')],
    classes: [['b', 'a']],
    size: [20],
    splitSeed: [1],
    mean: [[0, 0, 0]],
    std: [[1, 1, 1]],
    boxes: [join(trials, 'boxes.csv')],
    masks: [join(trials, 'masks')],
    background: ['#ffffff'],
  },
  async make(options) {
    const dataset = await imageFolder.create(options, quietServices());
    const parts = (['train', 'tune', 'val'] as const).map((part) => dataset.split(part));
    return Promise.all(
      parts.map(async (split) => [
        split.ids,
        split.labels,
        split.normalisation,
        await split.images([0]),
        await split.truth?.(0),
      ]),
    );
  },
});

test('the classes are those of torchvision, in its order: by code points, whatever they are called', async () => {
  // As Python sorts them; of UTF-16 units the emoji would stand before the letter of the private use area.
  const sorted = [
    '10',
    '2',
    'Zebra',
    '[x]',
    'a b',
    'a.b',
    'constructor',
    'zebra',
    'Äpfel',
    'été',
    '猫',
    '\ue000',
    '😀',
  ];
  const dataset = await open(await folderOf(idsOf([...sorted].reverse(), 3)));
  expect(dataset.classes).toEqual(sorted);
  const val = dataset.split('val');
  expect(val.labels).toEqual(sorted.map((_, label) => label));
  expect(val.ids.map((id) => id.split('/')[0])).toEqual(sorted);
});

test('classes that are named are read in that order, and the others are not', async () => {
  const folder = await folderOf(idsOf(['a', 'b', 'c'], 3));
  const dataset = await open(folder, { classes: ['c', 'a'] });
  expect(dataset.classes).toEqual(['c', 'a']);
  expect(dataset.split('val').ids.map((id) => id[0])).toEqual(['c', 'a']);
  expect(dataset.notes).toContain('Not read, since not among the folders that are asked for: 1: b');
});

test('digests and fingerprint do not depend on where the folder is, and change with every option of pixels', async () => {
  const digestOf = async (folder: string, options: object = {}) =>
    (await open(folder, { ...options })).split('val').digest;
  const [a, b] = [await folderOf(idsOf(['a', 'b'], 3)), await folderOf(idsOf(['a', 'b'], 3))];
  const fingerprint = (folder: string) =>
    imageFolder.fingerprint!(parseOptions(imageFolder, { folder }), quietServices());
  expect(await digestOf(a)).toBe(await digestOf(b));
  expect(await fingerprint(a)).toBe(await fingerprint(b));
  const changes = [{ size: 40 }, { resizeRatio: 1.5 }, { orientation: 'apply' }, { background: '#ffffff' }];
  const digests = await Promise.all([{}, ...changes].map((options) => digestOf(a, options)));
  expect(new Set(digests).size).toBe(5);
});

test('mean and deviation are those of ImageNet, or others in [0, 1]', async () => {
  const folder = await folderOf(idsOf(['a', 'b'], 3));
  expect((await open(folder)).split('val').normalisation).toEqual({
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
  });
  const normalisation = { mean: [0.5, 0.5, 0.5], std: [1, 1, 1] };
  expect((await open(folder, normalisation)).split('val').normalisation).toEqual(normalisation);
  await expect(open(folder, { mean: [123.675, 116.28, 103.53] })).rejects.toThrow(
    /must be at most 1: values are in \[0, 1\]: divide those of images in \[0, 255\] by 255/,
  );
});

test('the evaluated part is that of torchvision: Resize(round(1.143 size)), then CenterCrop', async () => {
  const folder = await folderOf(idsOf(['a', 'b'], 3), { height: 40, width: 61 });
  // 40 x 61 becomes 37 x 56: 2.5 rows and 12 columns are cut; Python rounds 2.5 to 2.
  const [val] = await (await open(folder)).split('val').pixels([0]);
  expect([val!.height, val!.width]).toEqual([40, 61]);
  const { data } = await (await open(folder, { size: 40, resizeRatio: 1 })).split('val').images([0]);
  const stored = (row: number, column: number) => val!.data[(row * 61 + column) * 3]!;
  // 21 columns are cut: 10.5, of which Python makes 10.
  expect(data[0]).toBe(Math.fround(stored(0, 10) / 255));
});

test('before an image is opened a plan knows classes, counts and regions', async () => {
  const folder = await folderOf([]);
  const names = Array.from({ length: 1500 }, (_, i) => `class ${i}`);
  for (const name of names) {
    mkdirSync(join(folder, name));
    for (const i of [0, 1, 2]) writeFileSync(join(folder, name, `${i}.JPG`), '');
  }
  const outline = imageFolder.dataOutline!(parseOptions(imageFolder, { folder, valPerClass: 1 }), { folder: '/' });
  expect(outline!.classes).toEqual([...names].sort());
  expect(outline!.regions).toEqual([]);
  for (const part of ['train', 'tune', 'val'] as const)
    expect(new Set(outline!.mostPerClass![part])).toEqual(new Set([1]));
});

test('a plan says how a folder is divided and what is not read', async () => {
  const folder = await folderOf(idsOf(['a', 'b'], 3));
  writeFileSync(join(folder, 'notes.txt'), '');
  const notes = (options: object) => imageFolder.notes!(parseOptions(imageFolder, { folder, ...options }), { folder });
  expect(notes({})).toEqual([
    'One folder of classes, split by the seed 0: of every class 0.2 evaluates (val) and 0.1 selects models (tune).',
    'Not read, since no image in a class folder: 1: notes.txt',
  ]);
  expect(notes({ folder: 'gone' })).toEqual([]);
});

test('what is wrong with a folder is found by the plan, at its option', async () => {
  const folder = await folderOf(idsOf(['a', 'b'], 3));
  const findings = (options: object) =>
    imageFolder.check!(parseOptions(imageFolder, { folder, ...options }), { folder });
  expect(findings({})).toEqual([]);
  expect(findings({ folder: 'gone' })).toEqual([
    { path: ['folder'], text: expect.stringMatching(/^There is no folder ".*gone"\. The folder needs class folders/) },
  ]);
  expect(findings({ masks: 'gone' })).toEqual([
    { path: ['masks'], text: expect.stringMatching(/^There is no folder ".*gone"\. Set "masks" to a folder/) },
  ]);
  expect(findings({ boxes: 'gone.csv' })).toEqual([
    {
      path: ['boxes'],
      text: expect.stringMatching(/^Expected a CSV or JSON file of boxes at .*gone\.csv; found none/),
    },
  ]);
  const both = { masks: '.', boxes: 'b.csv' };
  expect(findings(both)).toEqual([
    { path: ['masks'], text: expect.stringMatching(/^Expected one of the options "boxes" and/) },
  ]);
  await expect(open(folder, both)).rejects.toMatchObject({ code: 'core/options-invalid' });
});

test('caps take a seeded part of each class before anything is read; a larger one keeps those of a smaller one', async () => {
  const folder = await folderOf(idsOf(['a', 'b'], 12), { height: 20, width: 20 });
  const idsAt = async (trainPerClass: number | null, splitSeed = 0) =>
    (await open(folder, { trainPerClass, splitSeed, size: 16 })).split('train').ids;
  const [all, four, two, other] = [await idsAt(null), await idsAt(4), await idsAt(2), await idsAt(4, 1)];
  expect([all.length, four.length, two.length]).toEqual([18, 8, 4]);
  expect(all).toEqual(expect.arrayContaining([...four]));
  expect(four).toEqual(expect.arrayContaining([...two]));
  expect(other).not.toEqual(four);
  const damaged = all.find((id) => !four.includes(id))!;
  writeFileSync(join(folder, damaged), '');
  expect(await idsAt(4)).toEqual(four);
});

test('a picture of few pixels is enlarged, and said', async () => {
  const folder = await folderOf(idsOf(['a', 'b'], 3));
  writeFileSync(join(folder, 'a/1.png'), await picture(20, 90, 7).png().toBuffer());
  expect((await open(folder)).notes).toContain('Enlarged, since the shorter side is below 37 pixels: 1: a/1.png');
});
