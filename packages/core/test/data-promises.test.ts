import {
  type ConceptBank,
  type Dataset,
  heldPort,
  holdOut,
  type Model,
  ndArray,
  type Split,
  subset,
} from '@espalier/core';
import { conceptLaws, datasetLaws, toyModel, toySplit } from '@espalier/core/testing';
import { describe, expect, test } from 'vitest';

import { expectRefused, plugin, refusalOf } from './refusals.ts';

// A plugin that breaks one promise is refused where it is used, by its name, and one of the laws refuses it, too.

describe('datasets', () => {
  const all = (): Split => ({
    ...toySplit(12),
    truth: async () => [{ name: 'object', mask: new Uint8Array(64).fill(1, 9, 20) }],
  });
  const sound = (change: (split: Split) => object = () => ({})): Dataset => {
    const { train, tune } = holdOut(subset(all(), 'train', [0, 1, 2, 3, 4, 5]), 0.34, 0);
    const parts = { train, tune, val: subset(all(), 'val', [6, 7, 8, 9, 10, 11]) };
    return { classes: all().classes, split: (name) => ({ ...parts[name], ...change(parts[name]) }) };
  };
  /** Looks at all that a dataset has. */
  const look = async (dataset: unknown) => {
    const split = heldPort('dataset', dataset, 'my/plugin', plugin).split('val');
    await split.images([0, 2]);
    await split.pixels([0, 2]);
    await split.truth?.(2);
  };
  const images = (change: (data: Float32Array) => Float32Array) =>
    sound((split) => ({
      images: async (indices: readonly number[]) => {
        const found = await split.images(indices);
        return { ...found, data: change(found.data) };
      },
    }));
  const pixels = (change: object) =>
    sound((split) => ({
      pixels: async (indices: readonly number[]) =>
        (await split.pixels(indices)).map((image) => ({ ...image, ...change })),
    }));
  const region = (change: object) =>
    sound(() => ({ truth: async () => [{ name: 'object', mask: new Uint8Array(64), ...change }] }));

  test.each<readonly [title: string, dataset: unknown, found: string]>([
    ['nothing', undefined, 'an object with the functions "split"; found undefined'],
    ['no classes', { ...sound(), classes: [] }, 'at least one class; found none'],
    ['a class twice', { ...sound(), classes: ['a', 'a'] }, 'every one of "classes" once; found "a" twice'],
    [
      'classes of another dataset',
      sound(() => ({ classes: ['a', 'b', 'c'] })),
      'the 3 classes of its dataset; found "a, b, c"',
    ],
    ['an id twice', sound(({ ids }) => ({ ids: ids.map(() => 'x') })), 'every one of "ids" once; found "x" twice'],
    ['a label too few', sound(({ labels }) => ({ labels: labels.slice(1) })), 'labels, one per image; found'],
    [
      'an unknown label',
      sound(({ labels }) => ({ labels: labels.map(() => 3) })),
      'whole numbers from 0 to 2; found 3 for "toy/',
    ],
    ['a label that is a name', sound(({ labels }) => ({ labels: labels.map(() => 'class 0') })), 'found "class 0" for'],
    [
      'a size that is no number',
      sound(() => ({ height: '8' })),
      '"height" to be a whole number, at least 1; found "8"',
    ],
    ['no digest', sound(() => ({ digest: undefined })), '"digest" to be a text; found undefined'],
    [
      'a deviation of 0',
      sound(() => ({ normalisation: { mean: [0, 0, 0], std: [1, 0, 1] } })),
      'positive numbers in "normalisation.std"; found 0',
    ],
    [
      'one mean',
      sound(() => ({ normalisation: { mean: [0], std: [1, 1, 1] } })),
      '3 numbers in "normalisation.mean"; found 1',
    ],
    [
      'images left out without a reason',
      sound(() => ({ leftOut: [{ id: 'a' }] })),
      '"leftOut.reason" to be a text; found undefined',
    ],
    ['images in [0, 255]', images((data) => data.map((value) => 255 * value)), 'values in [0, 1] in "images"; found'],
    ['images that are not finite', images((data) => data.with(192, Number.NaN)), 'NaN at value 0 of "toy/'],
    ['bytes for images', images((data) => Uint8Array.from(data) as never), 'found data that is a Uint8Array'],
    ['small pixels', pixels({ height: 7 }), 'of the pixels of "toy/'],
    ['pixels with alpha', pixels({ data: new Uint8Array(256) }), '192 bytes, three per pixel; found 256'],
    ['pixels as numbers', pixels({ data: new Float32Array(192) }), '"data" to be a Uint8Array'],
    ['regions of 255', region({ mask: new Uint8Array(64).fill(255) }), 'bytes that are 0 or 1; found 255'],
    ['regions of a role', region({ role: 'background' }), '"distractor"; found "background"'],
    ['regions without a name', region({ name: '' }), '"name" to be a text; found ""'],
  ])('%s', async (_title, dataset, found) => {
    await expectRefused(() => look(dataset), found);
    expect(await refusalOf(datasetLaws, () => dataset as Dataset)).toContain(found); // as JavaScript would
  });

  test('a sound one is the same when held', async () => {
    const [held, own] = [heldPort('dataset', sound(), 'my/plugin', plugin).split('val'), sound().split('val')];
    expect({ ...held, images: 0, pixels: 0, truth: 0 }).toEqual({ ...own, images: 0, pixels: 0, truth: 0 });
    expect(await held.images([3, 1])).toEqual(await own.images([3, 1]));
    expect(await held.pixels([3, 1])).toEqual(await own.pixels([3, 1]));
    expect(await held.truth!(1)).toEqual(await own.truth!(1));
  });
});

describe('concept extractors', () => {
  const images = { ids: ['a', 'b'], images: ndArray('n h w c', [2, 8, 8, 3]), classIndex: 1 };
  const sound = (ids: readonly string[] = images.ids): ConceptBank => ({
    classIndex: 1,
    layer: 'features',
    ids,
    crops: [{ image: 0, top: 0, left: 4, size: 4 }],
    dictionary: ndArray('r d', [2, 5], new Float32Array(10).fill(1)),
    codes: ndArray('p r', [1, 2], new Float32Array(2).fill(1)),
    maps: ndArray('n h w r', [ids.length, 4, 4, 2], new Float32Array(ids.length * 32).fill(1)),
    importance: ndArray('n r', [ids.length, 2]),
    importanceError: ndArray('n r', [0, 2]),
    reconstructionError: 0.5,
    factorisation: { iterations: 3, stop: 'converged' },
    children: [],
  });
  const crop = (change: object) => ({ crops: [{ image: 0, top: 0, left: 4, size: 4, ...change }] });
  const infinite = ndArray('r d', [2, 5], new Float32Array(10).fill(1).with(3, Number.POSITIVE_INFINITY));
  const negative = ndArray('p r', [1, 2], Float32Array.of(1, -2));
  const endless: { concept: number; bank: object }[] = [];
  endless.push({ concept: 0, bank: { ...sound(), children: endless } });

  test.each<readonly [title: string, change: object, found: string]>([
    ['another class', { classIndex: 0 }, '"classIndex" to be one of 1; found 0'],
    ['an unknown layer', { layer: 'layer9' }, '"layer" to be one of "features"; found "layer9"'],
    ['an image twice', { ids: ['a', 'a'] }, 'every one of "ids" once; found "a" twice'],
    ['other images', { ids: ['a', 'z'] }, 'ids of the images that it was given; found "z"'],
    ['a crop outside', crop({ left: 5 }), 'a square inside of 8 x 8 pixels; found 4 pixels from row 0, column 5'],
    ['a crop of no image', crop({ image: 7 }), '"image" to be below'],
    ['a crop between pixels', crop({ top: 0.5 }), '"top" to be a whole number, at least 0; found 0.5'],
    ['no concept', { dictionary: ndArray('r d', [0, 5]) }, 'at least one concept in "dictionary"; found none'],
    ['a direction that is no number', { dictionary: infinite }, '"dictionary"'],
    ['a negative code', { codes: negative }, 'values of at least 0 in "codes"; found -2 at index 1 of 2'],
    ['signed codes of a plugin that declares none', { form: { codes: 'signed' } }, 'the form that its plugin declares'],
    ['an unknown form', { form: { codes: 'any' } }, '"codes" "any", which is none of "non-negative", "signed"'],
    ['an unknown part of a form', { form: { sign: true } }, 'an unknown part "sign"; known: codes, rebuilds, isNamed'],
    ['an offset of other features', { offset: ndArray('d', [4]) }, '"offset" to have the shape [5]; found [4]'],
    ['names that its form does not have', { names: ['a', 'b'] }, 'no "names", as its form says; found some'],
    ['no error of what rebuilds', { reconstructionError: null }, 'a finite number of at least 0; found null'],
    ['other features', { dictionary: ndArray('r d', [2, 4]) }, '"dictionary" to have the shape [any, 5]; found [2, 4]'],
    ['codes of other crops', { codes: ndArray('p r', [3, 2]) }, '"codes" to have the shape [1, 2]; found [3, 2]'],
    ['maps of another size', { maps: ndArray('n h w r', [2, 8, 8, 2]) }, '"maps" to have the shape ['],
    [
      'an importance that is no number',
      { importance: ndArray('n r', [0, 2], new Float32Array(0)), importanceError: 3 },
      '"importanceError" to be an array',
    ],
    ['no error of the rebuilding', { reconstructionError: Number.NaN }, 'a finite number of at least 0; found NaN'],
    ['places of no image', { learnedFrom: [0, 7] }, '"learnedFrom" to be rising places below'],
    ['places that fall', { learnedFrom: [1, 0] }, 'found "1, 0"'],
    ['nothing learned from', { learnedFrom: [] }, 'rising places below'],
    ['importance of images learned from', { learnedFrom: [0] }, '"importance" to have the shape ['],
    ['an unknown end', { factorisation: { iterations: 1, stop: 'bored' } }, '"iteration-limit"; found "bored"'],
    [
      'concepts of no concept',
      { children: [{ concept: 2, bank: sound() }] },
      '"children.concept" to be below 2; found 2',
    ],
    ['no list of children', { children: undefined }, '"children" to be a list; found undefined'],
    ['concepts that contain themselves', { children: endless }, 'at most 32 levels of concepts within concepts'],
  ])('%s', async (_title, change, found) => {
    const broken = {
      extract: async (_: Model, asked: { ids: readonly string[] }) => ({ ...sound(asked.ids), ...change }),
    };
    await expectRefused(() => heldPort('concepts', broken, 'my/plugin', plugin).extract(toyModel(), images), found);
    if (found.startsWith('the form that')) return; // a bank alone says its form
    const inLaws = found.replace(
      'ids of the images that it was given; found "z"',
      'ids of the images that it was given',
    );
    expect(await refusalOf(conceptLaws, () => broken as never)).toContain(inLaws); // as JavaScript would
  });

  test('what draws gave is held to the importance, and lies in [0, 1]', async () => {
    const form = { hasDraws: true } as const;
    const importance = ndArray('n r', [2, 2], Float32Array.of(0.25, 1, 0.75, 0.5));
    const rows = [
      [0.5, 1],
      [0.5, 0.5],
    ];
    const draws = { of: 'counterparts', importance: rows, chance: [0.5, 0], accuracy: [...rows], tested: 6 };
    const held = (change: object | undefined, declared: object = form) => {
      const found = change && { ...draws, ...change };
      const bank = { ...sound(), importance, importanceError: ndArray('n r', [0, 2]), form: declared, draws: found };
      const extractor = { extract: async () => bank };
      return heldPort('concepts', extractor, 'my/plugin', { banks: declared }).extract(toyModel(), images);
    };
    expect((await held({})).draws).toEqual(draws);
    await expectRefused(() => held({}, {}), 'no "draws", as its form says; found some');
    for (const [change, found] of [
      [undefined, '"draws"'],
      [{ of: '' }, '"draws.of"'],
      [{ tested: 1 }, '"draws.tested" to be a whole number, at least 2; found 1'],
      [{ importance: [[0.5, 0.75]] }, 'at least two rows of "draws.importance"; found 1'],
      [{ chance: [0.5] }, '"draws.chance"'],
      [{ chance: [0.5, 1.5] }, '"draws.chance" in [0, 1]; found 1.5'],
      [{ accuracy: [[0.5, 1]] }, 'as many rows of "draws.accuracy" as of "draws.importance"; found 1'],
      [{ accuracy: [[0.5], [1]] }, '"draws.accuracy"'],
      [
        {
          importance: [
            [0.5, 1],
            [0.7, 0.5],
          ],
        },
        'the mean of "draws.importance" of concept 0 to be that of its importance, 0.5; found 0.6',
      ],
    ] as const)
      await expectRefused(() => held(change), found);
  });

  test('a plugin that declares another form is held to it', async () => {
    const form = { codes: 'signed', rebuilds: false, isNamed: true } as const;
    const bank = { ...sound(), form, names: ['a', 'b'], codes: negative, reconstructionError: null };
    const held = (change: object, declared: object = form) =>
      heldPort('concepts', { extract: async () => ({ ...bank, ...change }) }, 'my/plugin', { banks: declared }).extract(
        toyModel(),
        images,
      );
    expect(await held({})).toEqual(bank);
    await expectRefused(
      () => held({ form: undefined }),
      'the form that its plugin declares as "banks", {"codes":"signed"',
    );
    await expectRefused(() => held({ names: ['a'] }), '2 "names", one per concept; found 1');
    await expectRefused(() => held({ names: ['a', 'a'] }), 'every one of "names" once');
    await expectRefused(() => held({ names: undefined }), '"names"');
    await expectRefused(() => held({ reconstructionError: 0.1 }), 'null in a bank that does not rebuild; found 0.1');
  });

  test('a sound one gives what it gives', async () => {
    const bank = { ...sound(), children: [{ concept: 1, bank: sound(['b']) }] };
    const held = heldPort('concepts', { extract: async () => bank }, 'my/plugin', plugin);
    expect(await held.extract(toyModel(), images)).toBe(bank);
    await expectRefused(
      () =>
        heldPort('concepts', { extract: async () => sound(['b', 'a']) }, 'my/plugin', plugin).extract(
          toyModel(),
          images,
        ),
      'the ids of the images that it was given, in their order; found "b, a"',
    );
    await expectRefused(() => heldPort('concepts', {}, 'my/plugin', plugin), 'found undefined for "extract"');
  });
});
