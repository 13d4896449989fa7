import { readFileSync } from 'node:fs';
import { sensitivity, tcav } from '@espalier/concepts-tcav';
import { createFrom, type Model, ndArray, plainServices } from '@espalier/core';
import { splitOf } from '@espalier/core/testing';
import { openEngine } from '@espalier/engine';
import { networkModel, parametersOf } from '@espalier/nn';
import { GraphBuilder } from '@espalier/nn/architectures';
import { describe, expect, test } from 'vitest';
import { hasTensorflow } from './reference.ts';

interface Vector {
  readonly direction: readonly number[];
  readonly offset: number;
  /** Share of the images whose logit rises, by class. */
  readonly signCount: readonly number[];
  readonly accuracy: number;
}

/** Made by tools/reference/tcav.py with Captum 0.9.0, scikit-learn 1.9.1 and SciPy 1.17.1. */
const fixture: {
  readonly alpha: number;
  readonly weights: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: readonly number[] }>>;
  readonly images: readonly number[];
  readonly examples: readonly number[];
  readonly counterparts: readonly number[];
  readonly logits: readonly number[];
  readonly draws: readonly { readonly concepts: readonly Vector[]; readonly chance: Vector }[];
  /** By concept and class, uncorrected. */
  readonly p: readonly (readonly number[])[];
} = JSON.parse(readFileSync(new URL('fixtures/tcav.json', import.meta.url), 'utf8'));

const names = ['red', 'plain'];
const classes = ['a', 'b', 'c'];
const engines = ['wasm', ...(hasTensorflow ? (['tensorflow'] as const) : [])] as const;

describe.each(engines)('on %s', (engine) => {
  test('directions, scores of every draw and p-values are those of Captum with a classifier of scikit-learn', async () => {
    using model = await modelOn(engine);
    const images = picturesOf(fixture.images);
    expectClose((await model.predict(images)).data, fixture.logits);
    const ids = Array.from({ length: images.shape[0]! }, (_, i) => `${i}`);
    const shown = { examples: splitOf(picturesOf(fixture.examples), halves, names), counterparts };
    const options = { draws: 3, heldOut: 0.375, alpha: fixture.alpha, layer: 'features', patch: 1 };
    const extractor = await createFrom(tcav, options, plainServices());
    const banks = await Promise.all(
      classes.map((_, classIndex) => extractor.extract(model, { ids, images, classIndex, ...shown })),
    );
    for (const { classIndex, names: order, draws, dictionary } of banks) {
      expect(new Set(order)).toEqual(new Set(names));
      const places = order!.map((name) => names.indexOf(name));
      const expected = fixture.draws.map(({ concepts }) => places.map((k) => concepts[k]!));
      expect(draws!.tested).toBe(6);
      expect(draws!.accuracy).toEqual(expected.map((row) => row.map(({ accuracy }) => accuracy)));
      expectClose(
        draws!.importance.flat(),
        expected.flat().map(({ signCount }) => signCount[classIndex]!),
      );
      expectClose(
        draws!.chance,
        fixture.draws.map(({ chance }) => chance.signCount[classIndex]!),
      );
      expectClose(
        dictionary.data,
        places.flatMap((_, i) => meanOf(expected.map((row) => row[i]!.direction))),
      );
      const means = places.map((_, i) => meanOf(expected.map((row) => [...row[i]!.direction, row[i]!.offset])));
      await expectDistances(model, images, banks[classIndex]!, means);
    }
    const scores = await (await createFrom(sensitivity, {}, plainServices())).measure({
      images: splitOf(images, Array(ids.length).fill(0), classes),
      concepts: banks,
    } as never); // what the metric declares
    const p = scores.find(({ metric }) => metric === 'tcav-p')!;
    expect(p.omitted![0]!.ids).toEqual(classes.map((name) => `${name}: plain`));
    expect(p.ids).toEqual(classes.map((name) => `${name}: red`));
    expectClose(
      p.values,
      fixture.p[0]!.map((value) => Math.min(1, 3 * value)),
    );
  });
});

const halves = Array.from({ length: 16 }, (_, i) => Math.floor(i / 8));
const counterparts = splitOf(picturesOf(fixture.counterparts), Array(16).fill(0), ['any']);

/** With one crop an image, codes are distances of its mean activations: direction times activations, plus the offset. */
async function expectDistances(
  model: Model,
  images: ReturnType<typeof picturesOf>,
  { codes }: { readonly codes: { readonly data: Float32Array } },
  means: readonly (readonly number[])[],
): Promise<void> {
  const { data, shape } = await model.activations(images, 'features');
  const places = shape[1]! * shape[2]!;
  const expected = Array.from({ length: shape[0]! }, (_, n) =>
    means.map((mean) => {
      const own = data.subarray(n * places * 5, (n + 1) * places * 5);
      return own.reduce((sum, value, i) => sum + (value * mean[i % 5]!) / places, mean[5]!);
    }),
  );
  expectClose(codes.data, expected.flat());
}

function meanOf(rows: readonly (readonly number[])[]): readonly number[] {
  return rows[0]!.map((_, i) => rows.reduce((sum, row) => sum + row[i]! / rows.length, 0));
}

function picturesOf(values: readonly number[]) {
  return ndArray('n h w c', [values.length / 192, 8, 8, 3], Float32Array.from(values));
}

/** The network of the script, whose images are not normalised. */
async function modelOn(engine: 'wasm' | 'tensorflow'): Promise<Model> {
  const graph = new GraphBuilder();
  const features = graph.relu(
    'features',
    graph.convolution('conv', graph.images, 5, { kernel: 2, stride: 2, bias: true }),
  );
  const hidden = graph.relu('end', graph.dense('fc1', graph.globalMean('mean', features), 6));
  const network = graph.network('small', graph.dense('fc2', hidden, 3), ['features']);
  const weights = new Map(
    parametersOf(network).map(({ name }) => {
      const { shape, data } = fixture.weights[name]!;
      return [name, ndArray(shape.map((_, i) => `a${i}`).join(' '), shape, Float32Array.from(data))] as const;
    }),
  );
  return networkModel({
    ops: await openEngine({ engine }),
    compute: { inference: 'exact', training: 'exact' },
    network,
    spec: { input: { height: 8, width: 8, channels: 3, mean: [0, 0, 0], std: [1, 1, 1] }, classes },
    weights,
    masks: new Map(),
    history: [],
  });
}

/** Activations are float32 on both sides; what is learned of them is not. */
function expectClose(found: ArrayLike<number>, expected: readonly number[]): void {
  expect(found.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) expect(found[i]!).toBeCloseTo(value, 4);
}
