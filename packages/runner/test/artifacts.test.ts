import {
  type ConceptBank,
  type Dataset,
  type Explainer,
  type Labelled,
  labelled,
  type ModelFactory,
  ndArray,
  plainServices,
  type Scores,
} from '@espalier/core';
import { toyLabel, toyModel, toySplit } from '@espalier/core/testing';
import { folderStore } from '@espalier/store';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quickDisk, temporaryFolder } from '../../store/test/temporary-folder.ts';
import type { Artifact, MadeBy } from '../src/artifacts/artifact-kinds.ts';
import type { Opener } from '../src/artifacts/codec.ts';
import { named, readArtifact, storeArtifact } from '../src/artifacts/index.ts';
import { packBits, unpackBits } from '../src/artifacts/model.ts';
import { splitCodec } from '../src/artifacts/split.ts';
import { dataset } from '../src/kinds/dataset.ts';
import type { Instance } from '../src/kinds/node-kind.ts';

const madeBy: MadeBy = { package: 'toys', plugin: 'toy', options: {}, seed: 1 };

const explainerOf = ({ options }: MadeBy): Explainer => ({
  reduction: JSON.stringify(options) === '{"steps":3}' ? 'l2' : 'sum',
  explain: async (_, images) => ({ values: images, diagnostics: {} }),
});

const opener: Opener = {
  explainer: async (made) => explainerOf(made),
  dataset: async (): Promise<Dataset> => ({ classes: [], split: (name) => ({ ...toySplit(9), name }) }),
  factory: async (): Promise<ModelFactory> => ({
    architecture: 'toy',
    create: async () => toyModel(0),
    restore: async ({ classes }, { weights, masks, history }) => ({
      ...toyModel(0),
      classes,
      masks,
      history,
      weights: async () => weights,
    }),
  }),
};

async function roundTrip(artifact: Artifact): Promise<Artifact> {
  const store = folderStore(temporaryFolder(), quickDisk);
  const { ref, blobs } = await storeArtifact(store, artifact);
  expect(ref.bytes).toBe(blobs.reduce((sum, { bytes }) => sum + bytes, 0));
  expect(ref.digest).toBe((await storeArtifact(store, artifact)).ref.digest);
  return readArtifact(store, ref, opener);
}

// Hard cases: the smallest and largest float32, zeros of both signs.
const float32 = fc.float({ noNaN: true, noDefaultInfinity: true });

test('masks survive packing, whatever their lengths', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ max: 1, minLength: 0, maxLength: 19 }), { maxLength: 4 }), (masks) => {
      const names = masks.map((mask, i) => ({ name: `${i}`, length: mask.length }));
      expect([...unpackBits(packBits(masks), names).values()]).toEqual(masks);
    }),
    { seed: 1 },
  );
});

test('masks that were not enforced and the epoch that was kept come back too', async () => {
  const unenforced = new Map([['fc.weight', Uint8Array.from({ length: 15 }, (_, i) => i % 2)]]);
  const selected = { split: 'val', epoch: 3, epochs: 5, accuracy: 0.1 + 0.2, compared: 'before-epoch' } as const;
  const value = { model: toyModel(3), madeBy, architecture: 'toy', unenforced, selected };
  const back = await roundTrip({ kind: 'model', value });
  expect(back.value).toMatchObject({ unenforced, selected });
});

test('a model comes back with its weights, masks, history and proof', async () => {
  const mask = Uint8Array.from({ length: 60 }, (_, i) => i % 3);
  const masked = await toyModel(3).masked(new Map([['conv.weight', mask.map((value) => (value > 0 ? 1 : 0))]]));
  const model = { ...masked, history: [{ epoch: 0, loss: 1 / 3, accuracy: 0.5, learningRate: 0.1 }] };
  const back = await roundTrip({ kind: 'model', value: { model, madeBy, architecture: 'toy' } });
  if (back.kind !== 'model') throw new Error('not a model');
  expect(await back.value.model.weights()).toEqual(await model.weights());
  expect(back.value.model.masks).toEqual(model.masks);
  expect(back.value.model.history).toEqual(model.history);
  expect(back.value.proof!.kernels[0]).toEqual({ name: 'conv.weight', total: 60, nonzero: 40 });
});

test('a split is kept as what opens it again, and refuses other images', async () => {
  const split = { ...toySplit(9), name: 'val' };
  const back = await roundTrip({ kind: 'split', value: { split, madeBy, part: 'val', perClass: null } });
  expect(back.value).toMatchObject({ madeBy, part: 'val' });

  const other = { ...toySplit(8), name: 'val' };
  const error = await roundTrip({ kind: 'split', value: { split: other, madeBy, part: 'val', perClass: null } }).catch(
    (e) => e,
  );
  expect(error.message.replace(/[0-9a-f]{12}/g, '#')).toMatchInlineSnapshot(
    `"The images of the split "val" of toys/toy are not those that this study was run on (#, expected #). Run the study again; if nothing has changed on disk, the dataset plugin must fingerprint what its options point to."`,
  );
});

test('the record of a split names what its dataset left out, and the log what the dataset has to say', async () => {
  const leftOut = [{ id: 'val/a.JPEG', reason: 'it is cut short' }];
  const split = { ...toySplit(9), name: 'val', leftOut };
  const { json } = await splitCodec.pack({ split, madeBy, part: 'val', perClass: null });
  expect(json).toMatchObject({ leftOut });
  const lines: string[] = [];
  const services = plainServices({ log: (line) => lines.push(line) });
  const port: Dataset = { classes: [], split: () => split, notes: ['one file is not read'] };
  const instance = { madeBy, services, options: { evalPerClass: null } } as unknown as Instance; // what it reads of one
  await dataset.run(port, instance);
  expect(lines).toEqual(['one file is not read']);
});

test('attributions come back to the last bit, under the name that the study gives', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(float32, { minLength: 24, maxLength: 24 }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      async (numbers, delta) => {
        const value = {
          values: ndArray('n h w c', [2, 2, 2, 3], Float32Array.from(numbers)),
          reduction: 'sum-abs' as const,
          ids: ['a', 'b'],
          classIndex: [0, 2],
          method: 'ig/integrated-gradients',
          label: toyLabel('Integrated Gradients'),
          preset: 'corrected',
          diagnostics: { delta: [delta === 0 ? 0 : delta, 1 / 3] }, // JSON has one zero
        };
        const back = await roundTrip({ kind: 'attributions', value });
        if (back.kind !== 'attributions') throw new Error('not attributions');
        const origin = { instance: 'attr', node: 'attr', use: 'ig/integrated-gradients', labels: {} };
        expect(named('attributions', back.value, origin)).toEqual(value);
      },
    ),
    { seed: 2, numRuns: 20 },
  );
});

test('concepts come back with those found inside them', async () => {
  const bank = (r: number, children: ConceptBank['children']): ConceptBank => ({
    classIndex: 1,
    layer: 'layer4',
    ids: ['a'],
    crops: [{ image: 0, top: 3, left: 4, size: 5 }],
    dictionary: ndArray(
      'r d',
      [r, 2],
      Float32Array.from({ length: r * 2 }, (_, i) => i / 7),
    ),
    codes: ndArray('p r', [1, r]),
    maps: ndArray('n h w r', [1, 1, 1, r]),
    importance: ndArray('n r', [1, r], new Float32Array(r).fill(0.3)),
    importanceError: ndArray('n r', [1, r]),
    reconstructionError: 0.1 + 0.2,
    factorisation: { iterations: 7, stop: 'converged' },
    children,
  });
  const named: ConceptBank = {
    ...bank(2, []),
    ...{
      form: { codes: 'signed', rebuilds: false, isNamed: true, hasDraws: true },
      names: ['stripes', 'dots'],
      draws: { of: 'counterparts', importance: [[0.1, 0.2]], chance: [0.3], accuracy: [[0.9, 1 / 3]], tested: 6 },
      reconstructionError: null,
    },
    offset: ndArray('d', [2], Float32Array.of(0.25, -3)),
    codes: ndArray('p r', [1, 2], Float32Array.of(-0.5, 2)),
  };
  const banks = [named, bank(2, [{ concept: 1, bank: bank(3, [{ concept: 0, bank: bank(1, []) }]) }]), bank(1, [])];
  const value = banks.map((found) => labelled(found, toyLabel('CRAFT')));
  expect((await roundTrip({ kind: 'concepts', value })).value).toEqual(value);
});

test('scores keep every digit, with and without curves', async () => {
  const scores: Scores = {
    metric: 'road',
    words: { name: 'ROAD', meaning: 'Faithfulness.' },
    label: toyLabel('road'),
    aspect: 'faithfulness',
    role: 'primary',
    preset: 'corrected',
    direction: 'higher-is-better',
    range: [0, null],
    sample: 'image',
    ids: ['a', 'b'],
    values: [0.1 + 0.2, 1e-300],
    summary: 'mean',
  };
  const curve = {
    x: 'removed',
    y: 'accuracy',
    at: [0.1, 0.5, 0.9],
    values: ndArray('n s', [2, 3], Float32Array.of(1, 0.1, 1 / 3, 0, 2, 3)),
  };
  const value = [scores, { ...scores, curve }];
  expect((await roundTrip({ kind: 'scores', value })).value).toEqual(value);
});

test('scores that are no numbers, or not one per sample, are refused', async () => {
  const scores: Scores = {
    metric: 'road',
    words: { name: 'ROAD', meaning: 'Faithfulness.' },
    label: toyLabel('road'),
    aspect: 'faithfulness',
    role: 'primary',
    preset: 'corrected',
    direction: 'neither',
    range: [null, null],
    sample: 'image',
    ids: ['a'],
    values: [Number.NaN],
    summary: 'mean',
  };
  await expect(roundTrip({ kind: 'scores', value: [scores] })).rejects.toThrowErrorMatchingInlineSnapshot(
    `[StudyError: the scores "road": expected finite numbers, found NaN at index 0 of 1.]`,
  );
  await expect(
    roundTrip({ kind: 'scores', value: [{ ...scores, values: [1, 2] }] }),
  ).rejects.toThrowErrorMatchingInlineSnapshot(
    `[StudyError: The scores "road" have 2 values for 1 samples. A metric returns one value per sample.]`,
  );
});

test('files come back as they are', async () => {
  const value = new Map([
    ['report.html', Buffer.from('<p>')],
    ['empty.bin', Buffer.alloc(0)],
  ]);
  expect((await roundTrip({ kind: 'files', value })).value).toEqual(value);
});

test('attributions whose diagnostics are no numbers, or not one per image, are refused', async () => {
  const value = {
    values: ndArray('n h w c', [2, 1, 1, 3]),
    reduction: 'sum' as const,
    ids: ['a', 'b'],
    classIndex: [0, 0],
    method: 'ig',
    label: toyLabel('Integrated Gradients'),
    preset: 'corrected',
  };
  const store = (delta: number[]) => roundTrip({ kind: 'attributions', value: { ...value, diagnostics: { delta } } });
  await expect(store([1, Number.NaN])).rejects.toThrow(/the diagnostic "delta" of ig: expected finite numbers/);
  await expect(store([1])).rejects.toThrow(/the diagnostic "delta" of ig: expected the shape \[2\]/);
});

test('concepts that are no numbers are refused', async () => {
  const bank: Labelled<ConceptBank> = {
    ...{ label: toyLabel('CRAFT'), preset: 'corrected' },
    classIndex: 1,
    layer: 'layer4',
    ids: ['a'],
    crops: [{ image: 0, top: 0, left: 0, size: 1 }],
    dictionary: ndArray('r d', [1, 1]),
    codes: ndArray('p r', [1, 1]),
    maps: ndArray('n h w r', [1, 1, 1, 1]),
    importance: ndArray('n r', [1, 1], Float32Array.of(Number.NaN)),
    importanceError: ndArray('n r', [1, 1]),
    reconstructionError: 0,
    factorisation: { iterations: 1, stop: 'converged' },
    children: [],
  };
  await expect(roundTrip({ kind: 'concepts', value: [bank] })).rejects.toThrow(
    'the importance of the concepts of class 1 at "layer4": expected finite numbers, found NaN',
  );
});

test('an explainer is created again from what made it', async () => {
  const made = { ...madeBy, options: { steps: 3 } };
  const label = toyLabel('Toy gradients');
  const back = await roundTrip({ kind: 'explainer', value: { explainer: explainerOf(made), label, madeBy: made } });
  if (back.kind !== 'explainer') throw new Error('not an explainer');
  expect(back.value.explainer.reduction).toBe('l2');
  expect(back.value.madeBy).toEqual(made);
  expect(back.value.label).toEqual(label);
});
