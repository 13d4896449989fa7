import { type Explainer, heldPort, type Masks, type Model, ndArray, type Pruner, type Reporter } from '@espalier/core';
import { explainerLaws, prunerLaws, reporterLaws, toyModel } from '@espalier/core/testing';
import { describe, expect, test } from 'vitest';

import { expectRefused, plugin, refusalOf } from './refusals.ts';

// A plugin that breaks one promise is refused where it is used, by its name, and one of the laws refuses it, too.

describe('explainers', () => {
  const images = ndArray('n h w c', [2, 8, 8, 3], new Float32Array(384).fill(0.5));
  const sound: Explainer = {
    reduction: 'sum',
    explain: async (model, batch, classIndex) => ({
      values: await model.inputGradient(batch, classIndex),
      diagnostics: { steps: classIndex.map(() => 3) },
    }),
  };
  const saying = (change: object): unknown => ({ ...sound, ...change });
  const giving = (change: (found: Awaited<ReturnType<Explainer['explain']>>) => unknown): unknown =>
    saying({ explain: async (...asked: Parameters<Explainer['explain']>) => change(await sound.explain(...asked)) });

  test.each<readonly [title: string, explainer: unknown, found: string]>([
    ['nothing', undefined, 'expected an object with the functions "explain"; found undefined'],
    ['no function', { reduction: 'sum' }, 'found undefined for "explain"'],
    ['an unknown reduction', saying({ reduction: 'mean' }), '"reduction" to be one of "sum", "abs-sum"'],
    ['no attributions', giving(() => undefined), 'of its attributions, expected an object; found undefined'],
    [
      'maps without channels',
      giving(({ diagnostics }) => ({ values: ndArray('n h w', [2, 8, 8]), diagnostics })),
      'the axes "n h w c"; found "n h w"',
    ],
    [
      'one image less',
      giving(({ diagnostics }) => ({ values: ndArray('n h w c', [1, 8, 8, 3]), diagnostics })),
      'found [1, 8, 8, 3]',
    ],
    [
      'float64',
      giving(({ values, diagnostics }) => ({
        values: { ...values, data: Float64Array.from(values.data) },
        diagnostics,
      })),
      'float32 data, shape and axes; found data that is a Float64Array',
    ],
    [
      'a value that is infinite',
      giving(({ values, diagnostics }) => ({ values: { ...values, data: values.data.with(200, 1 / 0) }, diagnostics })),
      'found Infinity at index 200 of',
    ],
    [
      'no diagnostics',
      giving(({ values }) => ({ values })),
      'of its "diagnostics", expected an object; found undefined',
    ],
    [
      'too few diagnostics',
      giving(({ values }) => ({ values, diagnostics: { steps: [1] } })),
      'numbers in "steps"; found 1',
    ],
    [
      'a diagnostic that is no number',
      giving(({ values }) => ({ values, diagnostics: { steps: [...Array(values.shape[0])].fill('3') } })),
      'finite numbers in "steps"; found "3"',
    ],
  ])('%s', async (_title, explainer, found) => {
    const use = () => heldPort('explainer', explainer, 'my/plugin', plugin).explain(toyModel(), images, [0, 1]);
    await expectRefused(use, found);
    expect(await refusalOf(explainerLaws, () => explainer as Explainer)).toContain(found.replace(/200 of$/, '200')); // as JavaScript would
  });

  test('a sound one gives what it gives, with its words', async () => {
    const held = heldPort('explainer', sound, 'my/plugin', plugin);
    expect(held).toMatchObject({ reduction: 'sum' });
    expect(await held.explain(toyModel(), images, [0, 1])).toEqual(await sound.explain(toyModel(), images, [0, 1]));
  });
});

describe('pruners', () => {
  const masksOf = (model: Model, sparsity: number): Masks =>
    new Map(
      ['conv.weight', 'fc.weight'].map((name) => {
        const size = name === 'conv.weight' ? 60 : 15;
        const kept = (i: number) => Number(i >= sparsity * size && model.masks.get(name)?.[i] !== 0);
        return [name, Uint8Array.from({ length: size }, (_, i) => kept(i))];
      }),
    );
  const sound = (sparsity: number): Pruner => ({ sparsity, mask: async (model) => masksOf(model, sparsity) });
  const saying = (change: object) => (sparsity: number) => ({ ...sound(sparsity), ...change });
  const giving = (change: (masks: Masks) => unknown) => (sparsity: number) => ({
    sparsity,
    mask: async (model: Model) => change(masksOf(model, sparsity)),
  });
  const first = (change: (mask: Uint8Array) => unknown) =>
    giving((masks) => new Map([...masks].map(([name, mask]) => [name, change(mask)])));

  test.each<readonly [title: string, pruner: (sparsity: number) => unknown, found: string]>([
    ['nothing', () => undefined, 'an object with the functions "mask"; found undefined'],
    ['a level in percent', saying({ sparsity: 50 }), '"sparsity" to be a fraction in [0, 1); found 50'],
    ['an unknown meaning of the level', saying({ sparsityIs: 'about' }), '"nominal"; found "about"'],
    ['no masks', giving(() => undefined), 'a Map of masks by parameter; found undefined'],
    ['an object of masks', giving((masks) => Object.fromEntries(masks)), 'found an object of 2 fields'],
    ['a mask of nothing', giving(() => new Map()), 'a mask for at least one parameter; found none'],
    [
      'a mask of another network',
      giving(() => new Map([['conv9.weight', Uint8Array.of(1)]])),
      'names of parameters that training moves; found "conv9.weight"',
    ],
    ['lists', first((mask) => [...mask]), 'of the mask of "conv.weight", expected a Uint8Array; found a list of 60'],
    ['a mask that is too short', first((mask) => mask.slice(1)), '60 bytes, one per weight; found 59'],
    ['bytes of 255', first((mask) => mask.map((keep) => 255 * keep)), 'bytes that are 0 or 1; found 255 at index'],
    [
      'weights brought back',
      (sparsity) => ({
        sparsity,
        mask: async (model: Model) =>
          new Map(
            [...masksOf(model, sparsity)].map(([name, mask]) => [name, model.masks.size > 0 ? mask.fill(1) : mask]),
          ),
      }),
      'removed to stay removed; found 1 at index 0',
    ],
  ])('%s', async (_title, pruner, found) => {
    const pruned = await toyModel().masked(masksOf(toyModel(), 0.25));
    await expectRefused(() => heldPort('pruner', pruner(0.5), 'my/plugin', plugin).mask(pruned, {}), found);
    expect(await refusalOf(prunerLaws, (sparsity) => pruner(sparsity) as Pruner)).toContain(found); // as JavaScript would
  });

  test('a sound one gives what it gives, with its words', async () => {
    const held = heldPort('pruner', saying({ sparsityIs: 'nominal' })(0.5), 'my/plugin', plugin);
    expect(held).toMatchObject({ sparsity: 0.5, sparsityIs: 'nominal' });
    expect(await held.mask(toyModel(), {})).toEqual(masksOf(toyModel(), 0.5));
  });
});

describe('reporters', () => {
  const bytes = Buffer.from('text');
  test.each<readonly [title: string, files: unknown, found: string]>([
    ['no files', undefined, 'a Map of bytes by file name; found undefined'],
    ['an object of files', { 'report.txt': bytes }, 'found an object of 1 fields'],
    ['none', new Map(), 'at least one file; found none'],
    ['a path', new Map([['../report.txt', bytes]]), 'plain names: at most 200 letters'],
    ['a name with a line break', new Map([['report\n.txt', bytes]]), 'plain names'],
    [
      'a folder in a folder',
      new Map([['a/b/report.txt', bytes]]),
      'one folder of such a name at most; found "a/b/report.txt"',
    ],
    ['a folder that leads elsewhere', new Map([['../a.txt', bytes]]), 'plain names'],
    ['a long name', new Map([['a'.repeat(201), bytes]]), 'plain names'],
    ['a name that is a number', new Map([[3, bytes]]), 'names that are texts; found 3'],
    [
      'text for bytes',
      new Map([['report.txt', 'text']]),
      'of the file "report.txt", expected bytes (a Uint8Array); found "text"',
    ],
    ['an empty file', new Map([['report.txt', new Uint8Array(0)]]), 'at least one byte; found none'],
    [
      'names that differ in case',
      new Map([
        ['report.txt', bytes],
        ['Report.txt', bytes],
      ]),
      'found "report.txt" and "Report.txt"',
    ],
  ])('%s', async (_title, files, found) => {
    const reporter = { write: async () => files } as unknown as Reporter; // as JavaScript would
    await expectRefused(() => heldPort('reporter', reporter, 'my/plugin', plugin).write({} as never), found); // nobody looks at it
    expect(await refusalOf(reporterLaws, () => reporter)).toContain(found);
  });

  test('a file that its plugin does not declare is refused, and all are taken where it declares none', async () => {
    const reporter: Reporter = { write: async () => new Map([['other.txt', bytes]]) };
    const inputs = {} as never; // nobody looks at it
    await expectRefused(
      () => heldPort('reporter', reporter, 'my/plugin', plugin).write(inputs),
      'only files that its plugin declares (report.txt); found "other.txt"',
    );
    expect((await heldPort('reporter', reporter, 'my/plugin', {}).write(inputs)).size).toBe(1);
    for (const second of ['A', 'A/c.txt'])
      await expectRefused(
        () =>
          heldPort(
            'reporter',
            { write: async () => new Map(['a/b.txt', second].map((name) => [name, bytes])) },
            'my/plugin',
            {},
          ).write(inputs),
        `found "a/" and "${second}"`,
      );
    const pictures = new Map(['page_files/1.webp', 'page_files/2.webp'].map((name) => [name, bytes]));
    const files = ['page.html', 'page_files/'];
    expect(await heldPort('reporter', { write: async () => pictures }, 'my/plugin', { files }).write(inputs)).toBe(
      pictures,
    );
    await expectRefused(
      () => heldPort('reporter', { write: async () => pictures }, 'my/plugin', { files: ['page.html'] }).write(inputs),
      'only files that its plugin declares (page.html); found "page_files/1.webp"',
    );
    await expectRefused(
      () => heldPort('reporter', undefined, 'my/plugin', {}),
      'the functions "write"; found undefined',
    );
  });
});

test('a metric is held to its scores', async () => {
  await expectRefused(
    () => heldPort('metric', { measure: async () => [] }, 'my/plugin', plugin).measure({}),
    'a list with at least one score',
  );
  await expectRefused(() => heldPort('metric', {}, 'my/plugin', plugin), 'found undefined for "measure"');
});
