import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createFrom, type NdArray, ndArray, parseOptions, plainServices, rows } from '@espalier/core';
import { toyModel, toySplit } from '@espalier/core/testing';
import { fromFiles, laidOut } from '@espalier/explainer-files';
import { writeNpy, writeSafetensors } from '@espalier/formats';
import { afterAll, describe, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'espalier-maps-'));
afterAll(() => rmSync(folder, { recursive: true }));

const { ids, labels, ...split } = toySplit(3);
const images = await split.images([0, 1, 2]);
const input = { height: 8, width: 8, channels: 3 };
const model = toyModel();

/** Another map for each image. */
const mapOf = (shape: readonly number[], n: number): NdArray => {
  const axes = ['h w', 'h w c'][shape.length - 2]!;
  const count = shape.reduce((a, b) => a * b);
  return ndArray(
    axes,
    shape,
    Float32Array.from({ length: count }, (_, i) => i - 10 * n),
  );
};

/** Writes maps below a folder of its own, and returns that folder. */
let count = 0;
function written(maps: Readonly<Record<string, Uint8Array>>): string {
  const own = join(folder, `maps-${count++}`);
  mkdirSync(own);
  for (const [name, bytes] of Object.entries(maps)) {
    mkdirSync(dirname(join(own, name)), { recursive: true });
    writeFileSync(join(own, name), bytes);
  }
  return own;
}

const npyOfAll = (shape: readonly number[], place = '') =>
  Object.fromEntries(ids.map((id, n) => [`${place}${id}.npy`, writeNpy(mapOf(shape, n))]));

const explainerOf = (options: object) => createFrom(fromFiles, options, plainServices({ folder }));
const explain = async (options: object, of = ids) =>
  (await explainerOf(options)).explain(model, rows(images, 0, of.length), labels.slice(0, of.length), undefined, of);

describe('maps come from where they are, in any layout, with their values', () => {
  test('a folder of .npy files, one value per pixel in the first channel', async () => {
    const { values } = await explain({ folder: written(npyOfAll([8, 8])), layout: 'h w' });
    expect(values.shape).toEqual([3, 8, 8, 3]);
    for (const n of [0, 1, 2]) {
      const own = rows(values, n, n + 1).data;
      expect([...own].filter((_, i) => i % 3 === 0)).toEqual([...mapOf([8, 8], n).data]);
      expect(own.every((value, i) => i % 3 === 0 || value === 0)).toBe(true);
    }
  });

  test('channels last and channels first are one map', async () => {
    const last = await explain({ folder: written(npyOfAll([8, 8, 3])), layout: 'h w c' });
    expect(rows(last.values, 1, 2).data).toEqual(mapOf([8, 8, 3], 1).data);
    const first = Object.fromEntries(
      ids.map((id, n) => {
        const data = Float32Array.from(
          { length: 192 },
          (_, i) => mapOf([8, 8, 3], n).data[(i % 64) * 3 + Math.floor(i / 64)]!,
        );
        return [`${id}.npy`, writeNpy({ data, shape: [3, 8, 8] })];
      }),
    );
    expect((await explain({ folder: written(first), layout: 'c h w' })).values).toEqual(last.values);
  });

  test('one safetensors file, by name', async () => {
    const tensors = writeSafetensors(new Map(ids.map((id, n) => [id, mapOf([8, 8], n)])));
    const file = join(written({ 'all.safetensors': tensors }), 'all.safetensors');
    const fromFolder = await explain({ folder: written(npyOfAll([8, 8])), layout: 'h w' });
    expect(await explain({ file, layout: 'h w' })).toEqual(fromFolder);
  });

  test('one archive of NumPy, by name; what is neither is refused', async () => {
    const { archives } = JSON.parse(
      readFileSync(new URL('../../formats/test/fixtures/numpy.json', import.meta.url), 'utf8'),
    );
    const own = written({ 'all.npz': Buffer.from(archives.deflated, 'base64'), 'no.npz': Buffer.from('maps') });
    const explainer = await explainerOf({ file: join(own, 'all.npz'), layout: 'h w' });
    const small = { ...model, input: { ...model.input, height: 2, width: 3 } };
    const pixels = ndArray('n h w c', [1, 2, 3, 3]);
    const { values } = await explainer.explain(small, pixels, [0], undefined, ['n01/a b']);
    expect([...values.data].filter((_, i) => i % 3 === 0)).toEqual([0, 0.25, 0.5, 0.75, 1, 1.25]);
    await expect(explainerOf({ file: join(own, 'no.npz'), layout: 'h w' })).rejects.toThrow(/no\.npz/);
  });

  test('the labels of axes are folders, before the name of a file', async () => {
    const own = written({ ...npyOfAll([8, 8], '0.5/2/'), ...npyOfAll([8, 8, 1], '0/2/') });
    const { values } = await explain({ folder: own, within: [0.5, '2'], layout: 'h w' });
    expect(values.data[3]).toBe(1);
    const tensors = writeSafetensors(new Map(ids.map((id, n) => [id, mapOf([8, 8], n)])));
    const file = join(written({ '0.5/all.safetensors': tensors }), 'all.safetensors');
    expect((await explain({ file, within: [0.5], layout: 'h w' })).values).toEqual(values);
  });

  test('what they are numbers of, and how they are read, is what the study says', async () => {
    const own = written(npyOfAll([8, 8]));
    expect(await explainerOf({ folder: own, layout: 'h w' })).toMatchObject({ reduction: 'sum', unit: undefined });
    const asked = { folder: own, layout: 'h w', unit: 'logit', reduction: 'l2' };
    expect(await explainerOf(asked)).toMatchObject({ reduction: 'l2', unit: 'logit' });
  });
});

describe('one sentence says what is wrong', () => {
  const relative = (error: unknown) =>
    String(error)
      .replaceAll(folder, '<folder>')
      .replace(/maps-\d+/, 'maps');
  const failure = async (work: Promise<unknown>) =>
    relative(
      await work.then(
        () => 'taken',
        (error: unknown) => error,
      ),
    );

  test('a map is missing, and an id that leads out of the folder names none', async () => {
    const own = written(npyOfAll([8, 8]));
    expect(await failure(explain({ folder: own, layout: 'h w' }, ['toy/9']))).toMatchInlineSnapshot(
      `"StudyError: Expected the map of the image "toy/9": a file "toy/9.npy" in <folder>/maps; found none. Make maps of all images that are explained, and call each by its sample id."`,
    );
    expect(await failure(explain({ folder: join(own, 'toy'), layout: 'h w' }, ['../toy/0']))).toMatch(
      /Expected the map/,
    );
  });

  test('other sizes, and another order of axes', async () => {
    const asked = { folder: written(npyOfAll([8, 8, 3])), layout: 'c h w' };
    expect(await failure(explain(asked))).toMatchInlineSnapshot(
      `"StudyError: Expected <folder>/maps/toy/0.npy to have the shape [3 or 1, 8, 8] (c h w), as the images; found [8, 8, 3]. Make maps of the size of the images, or set "layout" to the order of their axes."`,
    );
    expect(await failure(explain({ folder: written(npyOfAll([7, 8])), layout: 'h w' }))).toMatch(/\[8, 8\] \(h w\)/);
    expect(() => laidOut(mapOf([8, 8, 2], 0), 'h w c', input, 'the map')).toThrow(/\[8, 8, 3 or 1\]/);
  });

  test('no numbers, and files that are none of NumPy', async () => {
    const map = mapOf([8, 8], 0);
    map.data[5] = Number.NaN;
    const own = written({ [`${ids[0]}.npy`]: writeNpy(map), [`${ids[1]}.npy`]: new Uint8Array(3) });
    expect(await failure(explain({ folder: own, layout: 'h w' }))).toMatch(
      /toy\/0\.npy: expected finite numbers, found NaN/,
    );
    const other = (await explainerOf({ folder: own, layout: 'h w' })).explain(
      model,
      rows(images, 1, 2),
      [0],
      undefined,
      [ids[1]!],
    );
    expect(await failure(other)).toMatch(/toy\/1\.npy is not a readable NumPy file/);
  });

  test('nothing there, before anything runs', () => {
    const own = written({ 'readme.txt': new Uint8Array(1) });
    const textOf = (options: object) =>
      fromFiles.check!(parseOptions(fromFiles, options), { folder }).map(({ path, text }) => [path, relative(text)]);
    expect(textOf({ folder: own, layout: 'h w' })).toMatchInlineSnapshot(`
      [
        [
          [
            "folder",
          ],
          "Expected attribution maps as .npy files in <folder>/maps, one for every image, found none. Name the folder that holds them.",
        ],
      ]
    `);
    expect(textOf({ folder: 'nowhere', within: [0.5], layout: 'h w' })).toMatchInlineSnapshot(`
      [
        [
          [
            "folder",
          ],
          "Expected a folder of attribution maps at <folder>/nowhere/0.5, which does not exist. Check the path.",
        ],
      ]
    `);
    expect(textOf({ file: 'all.npz', layout: 'h w' })).toMatchInlineSnapshot(`
      [
        [
          [
            "file",
          ],
          "Expected attribution maps at <folder>/all.npz, which does not exist. Check the path.",
        ],
      ]
    `);
    expect(textOf({ folder: written(npyOfAll([8, 8])), layout: 'h w' })).toEqual([]);
  });

  test.each([
    [{ layout: 'h w' }, 'either `folder` or `file`'],
    [{ folder: 'a', file: 'b.npz', layout: 'h w' }, 'either `folder` or `file`'],
    [{ folder: 'a' }, 'layout'],
    [{ folder: 'a', within: ['..'], layout: 'h w' }, 'the name of a folder'],
    [{ folder: 'a', layout: 'h w', unit: 'logit-per-pixel' }, 'a slope is one of every channel'],
  ])('%o', (options, text) => {
    expect(() => parseOptions(fromFiles, options)).toThrow(text);
  });
});

describe('maps answer one question only', () => {
  const own = written(npyOfAll([8, 8]));
  const other = ndArray(
    'n h w c',
    images.shape,
    images.data.map((value) => value / 2),
  );

  test.each([
    ['another network', toyModel(1), images, labels],
    ['another image', model, other, labels],
    ['another class', model, images, labels.map((label) => (label + 1) % 3)],
  ] as const)('%s is refused', async (what, asked, pixels, classes) => {
    const explainer = await explainerOf({ folder: own, layout: 'h w' });
    const first = await explainer.explain(model, images, labels, undefined, ids);
    expect(await explainer.explain(model, images, labels, undefined, ids)).toEqual(first);
    await expect(explainer.explain(asked, pixels, classes, undefined, ids)).rejects.toThrow(what);
  });
});

test('the fingerprint follows the content and the names of maps, and nothing else', async () => {
  const digestOf = (own: string) =>
    fromFiles.fingerprint!(parseOptions(fromFiles, { folder: own, layout: 'h w' }), plainServices({ folder }));
  const maps = npyOfAll([8, 8]);
  const before = await digestOf(written(maps));
  expect(await digestOf(written(maps))).toBe(before);
  expect(await digestOf(written({ ...maps, 'notes.txt': new Uint8Array(4) }))).toBe(before);
  expect(await digestOf(written({ ...maps, 'toy/0.npy': writeNpy(mapOf([8, 8], 7)) }))).not.toBe(before);
  expect(await digestOf(written({ ...maps, 'toy/9.npy': writeNpy(mapOf([8, 8], 7)) }))).not.toBe(before);
});
