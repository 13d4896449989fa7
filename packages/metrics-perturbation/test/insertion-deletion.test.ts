import { readFileSync } from 'node:fs';
import { createFrom, ndArray, plainServices, rows } from '@espalier/core';
import { describeMetric, type HiddenLayer, hiddenLayer, toyInputs } from '@espalier/core/testing';
import { insertionDeletion, insertionDeletionOf } from '@espalier/metrics-perturbation';
import { probability } from '@espalier/numerics';
import { expect, test } from 'vitest';

for (const preset of ['corrected', 'xplique-2.0.2'])
  describeMetric(`insertion and deletion (${preset})`, () =>
    createFrom(insertionDeletion, { preset, steps: 6 }, plainServices()),
  );

interface Xplique extends HiddenLayer {
  readonly maps: readonly number[];
  readonly areas: readonly {
    readonly steps: number;
    readonly insertion: readonly number[];
    readonly deletion: readonly number[];
  }[];
}

/** tools/reference/perturbation.py: CausalFidelity of Xplique 2.0.2, in double precision. */
const xplique: Xplique = JSON.parse(readFileSync(new URL('fixtures/xplique.json', import.meta.url), 'utf8'));

test.each(xplique.areas)('Xplique 2.0.2: $steps steps', async ({ steps, insertion, deletion }) => {
  const { model, images } = hiddenLayer(xplique);
  const area = (curve: Float64Array) =>
    curve.reduce((sum, value, i) => sum + (i === 0 || i === steps ? value / 2 : value), 0) / steps;
  for (const [n, classIndex] of xplique.targets.entries()) {
    const size = xplique.side ** 2;
    const map = Float32Array.from({ length: size }, (_, pixel) =>
      xplique.maps.slice((n * size + pixel) * 3, (n * size + pixel + 1) * 3).reduce((sum, value) => sum + value),
    );
    const curves = await insertionDeletionOf(
      model,
      { image: rows(images, n, n + 1).data, map, classIndex, id: `${n}` },
      { steps, insertInto: 'mean', deleteTo: 'mean', blur: 1, imagesPerCall: 4 },
    );
    expect(area(curves.insertion)).toBeCloseTo(insertion[n]!, 6);
    expect(area(curves.deletion)).toBeCloseTo(deletion[n]!, 6);
  }
});

test('a slow twin: pixel by pixel, to black and from black', async () => {
  const inputs = toyInputs();
  const { model, attributions, images } = inputs;
  const metric = await createFrom(
    insertionDeletion,
    { steps: 64, insertInto: 'black', deleteTo: 'black' },
    plainServices(),
  );
  const [insertion, deletion, difference] = await metric.measure(inputs);
  const map = Array.from({ length: 64 }, (_, pixel) =>
    [0, 1, 2].reduce((sum, c) => sum + Math.abs(attributions.values.data[pixel * 3 + c]!), 0),
  );
  const order = [...map.keys()].sort((a, b) => map[b]! - map[a]! || a - b);
  const image = (await images.images([0])).data;
  const at = async (kept: (rank: number) => boolean) => {
    const changed = image.map((value, i) => (kept(order.indexOf(Math.floor(i / 3))) ? value : 0));
    return probability((await model.predict(ndArray('n h w c', [1, 8, 8, 3], changed))).data, images.labels[0]!);
  };
  for (const step of [0, 1, 17, 63, 64]) {
    expect(insertion!.curve!.values.data[step]).toBeCloseTo(await at((rank) => rank < step), 6);
    expect(deletion!.curve!.values.data[step]).toBeCloseTo(await at((rank) => rank >= step), 6);
  }
  expect(insertion!.curve!.at[17]).toBeCloseTo((100 * 17) / 64, 10);
  expect(difference!.values[0]).toBe(insertion!.values[0]! - deletion!.values[0]!);
});

test('what is inserted into is the blurred image, which keeps its colour', async () => {
  const { model, images } = toyInputs();
  const grey = Float32Array.from({ length: 192 }, (_, i) => [0.2, 0.5, 0.7][i % 3]!);
  const explained = { image: grey, map: Float32Array.from({ length: 64 }, (_, i) => i), classIndex: 1, id: 'grey' };
  const steps = { steps: 2, insertInto: 'blur', deleteTo: 'mean', blur: 0.2, imagesPerCall: 32 } as const;
  const { insertion } = await insertionDeletionOf(model, explained, steps);
  expect(insertion[0]).toBeCloseTo(insertion[2]!, 5);
  const image = (await images.images([1])).data;
  const noise = await insertionDeletionOf(model, { ...explained, image }, steps);
  expect(noise.insertion[0]).not.toBeCloseTo(noise.insertion[2]!, 3);
});

test('a map that is one constant orders no pixels', async () => {
  const inputs = toyInputs();
  const values = ndArray(
    'n h w c',
    inputs.attributions.values.shape,
    inputs.attributions.values.data.map(() => 2),
  );
  const metric = await createFrom(insertionDeletion, { steps: 3 }, plainServices());
  for (const scores of await metric.measure({ ...inputs, attributions: { ...inputs.attributions, values } }))
    expect(scores).toMatchObject({
      ids: [],
      omitted: [{ reason: 'the map is one constant everywhere: it orders no pixels', ids: inputs.images.ids }],
    });
});
