import { createFrom, type Masks, type Model, ndArray, parseOptions, plainServices, rows } from '@espalier/core';
import { describePruner, toyModel, toySample } from '@espalier/core/testing';
import { batchNorm, l1, relevance, taylor } from '@espalier/pruner-structured';
import { describe, expect, test } from 'vitest';

describePruner('l1', (sparsity) => createFrom(l1, { sparsity }, plainServices()));
describePruner('taylor', (sparsity) => createFrom(taylor, { sparsity, batchSize: 2 }, plainServices()), {
  sample: toySample,
});

describePruner('relevance', (sparsity) => createFrom(relevance, { sparsity }, plainServices()), { sample: toySample });

async function masksBy(options: object, model: Model = toyModel(), plugin = l1): Promise<Masks> {
  return (await createFrom(plugin as typeof l1, options, plainServices())).mask(model, { sample: toySample });
}

/** The features of the toy model whose kernels are removed whole, on both sides. */
function gone(masks: Masks): readonly number[] {
  const features = [0, 1, 2, 3, 4];
  const row = features.filter(
    (d) =>
      !masks
        .get('conv.weight')!
        .subarray(12 * d, 12 * d + 12)
        .includes(1),
  );
  const column = features.filter((d) => [0, 1, 2].every((k) => masks.get('fc.weight')![5 * k + d] === 0));
  expect(column).toEqual(row);
  expect([...masks.values()].flatMap((mask) => [...mask]).filter((keep) => keep === 0).length).toBe(15 * row.length);
  return row;
}

/** The toy model with features whose kernels have the given sums of magnitudes, over the convolution. */
async function withSums(...sums: readonly number[]): Promise<Model> {
  const model = toyModel();
  const weights = new Map(await model.weights());
  const conv = weights.get('conv.weight')!;
  weights.set('conv.weight', { ...conv, data: conv.data.map((_, i) => ((-1) ** i * sums[Math.floor(i / 12)]!) / 12) });
  return model.withWeights(weights);
}

describe('channels by L1', () => {
  test('the least sums of magnitudes go, with what reads them; of equal ones the first', async () => {
    const model = await withSums(5, 1, 4, 1, 3);
    expect(gone(await masksBy({ sparsity: 0.2 }, model))).toEqual([1]);
    expect(gone(await masksBy({ sparsity: 0.4 }, model))).toEqual([1, 3]);
    expect(gone(await masksBy({ sparsity: 0.6 }, model))).toEqual([1, 3, 4]);
  });

  test('as many go as is nearest to the level, of weights or of channels', async () => {
    const model = await withSums(1, 2, 3, 4, 5);
    expect(gone(await masksBy({ sparsity: 0.29 }, model))).toEqual([0]);
    expect(gone(await masksBy({ sparsity: 0.31 }, model))).toEqual([0, 1]);
    expect(gone(await masksBy({ sparsity: 0.5, counts: 'channels' }, model))).toEqual([0, 1]); // 2.5, to even
    expect(gone(await masksBy({ sparsity: 0 }, model))).toEqual([]);
  });

  test('compacted, the network is as small as that, with the same logits', async () => {
    const model = toyModel();
    using masked = await model.masked(await masksBy({ sparsity: 0.4 }, model));
    using compacted = await masked.compacted();
    expect(compacted.parameters.map(({ shape }) => shape.join())).toEqual(['3,3,2,2', '3', '3,3']);
    const { images } = await toySample();
    expect((await compacted.predict(images)).data).toEqual((await masked.predict(images)).data);
  });

  test('all parts counts what reads a channel, too', async () => {
    const model = await withSums(1, 2, 3, 4, 5);
    const weights = new Map(await model.weights());
    const fc = weights.get('fc.weight')!;
    weights.set('fc.weight', { ...fc, data: fc.data.map((_, i) => (i % 5 === 4 ? 0 : 9)) });
    expect(gone(await masksBy({ sparsity: 0.2, parts: 'all' }, await model.withWeights(weights)))).toEqual([4]);
  });

  test('a multiple of channels stays, and as many as `least` says', async () => {
    const model = await withSums(1, 2, 3, 4, 5);
    expect(gone(await masksBy({ sparsity: 0.4, multipleOf: 4 }, model))).toEqual([0]);
    expect(gone(await masksBy({ sparsity: 0.4, multipleOf: 2 }, model))).toEqual([0]);
    await expect(masksBy({ sparsity: 0.6, least: 3 }, model)).rejects.toThrow(
      'Expected a sparsity that the 5 channels that may go can reach, at most 0.4000 of the weights where every group keeps 3; found 0.6.',
    );
  });

  test('channels that are gone stay gone and count, whatever their weights', async () => {
    const model = await withSums(1, 2, 3, 4, 5);
    using masked = await model.masked(await masksBy({ sparsity: 0.2 }, model));
    const weights = new Map(await masked.weights());
    using other = await masked.withWeights(weights);
    expect(gone(await masksBy({ sparsity: 0.2 }, other))).toEqual([0]);
    expect(gone(await masksBy({ sparsity: 0.4 }, other))).toEqual([0, 1]);
  });

  test('excluded kernels keep their outputs; a model none of whose channels may go is refused, with the reasons', async () => {
    await expect(masksBy({ sparsity: 0.2, exclude: ['conv.weight'] })).rejects.toThrow(
      'the model has 1 groups of channels, of which `exclude` leaves 0. Outputs that stay in any case: those of "fc.weight", because they are the classes.',
    );
    expect(gone(await masksBy({ sparsity: 0.2, exclude: ['fc.weight'] }, await withSums(1, 2, 3, 4, 5)))).toEqual([0]);
  });
});

test('importance by Taylor is the squared sum of weight x slope of a kernel, averaged over batches', async () => {
  const model = toyModel();
  const weights = (await model.weights()).get('conv.weight')!.data;
  const { images, labels } = await toySample();
  const slopes = (await model.parameterGradient(images, labels)).get('conv.weight')!.data;
  const importance = [0, 1, 2, 3, 4].map((d) => {
    let sum = 0;
    for (let i = 12 * d; i < 12 * d + 12; i++) sum += weights[i]! * slopes[i]!;
    return sum ** 2;
  });
  const least = importance.indexOf(Math.min(...importance));
  expect(gone(await masksBy({ sparsity: 0.2, batchSize: 128 }, model, taylor as never))).toEqual([least]);
  const pruner = await createFrom(taylor, { sparsity: 0.2 }, plainServices());
  await expect(pruner.mask(model, {})).rejects.toThrow('found no sample. Connect its input "data" to images');
});

test('relevance of a channel is the size of what the weights of its kernel have a share in, averaged over images', async () => {
  const model = toyModel();
  const weights = (await model.weights()).get('conv.weight')!.data;
  const { images, labels } = await toySample();
  const sizes = [0, 0, 0, 0, 0];
  for (const [n, label] of labels.entries()) {
    // LRP-0, started at 1: weight x slope of the logit, over the logit.
    const image = rows(images, n, n + 1);
    const chosen = ndArray('n k', [1, 3]);
    chosen.data[label] = 1;
    const slopes = (await model.parameterGradient(image, chosen)).get('conv.weight')!.data;
    const logit = (await model.predict(image)).data[label]!;
    sizes.forEach((_, d) => {
      let sum = 0;
      for (let i = 12 * d; i < 12 * d + 12; i++) sum += (weights[i]! * slopes[i]!) / logit;
      sizes[d]! += Math.abs(sum) / labels.length;
    });
  }
  const asked = { sparsity: 0.4, composite: 'epsilon', epsilon: 0, stabilizer: 0 };
  const least = [0, 1, 2, 3, 4].sort((a, b) => sizes[a]! - sizes[b]!).slice(0, 2);
  expect(gone(await masksBy(asked, model, relevance as never))).toEqual(least.sort());
});

test('a model without BatchNorm has no channels by its scale', async () => {
  await expect(masksBy({ sparsity: 0.2 }, toyModel(), batchNorm as never)).rejects.toThrow(
    'Expected channels that can go and have a score; the model has 1 groups of channels',
  );
});

test.each([
  { channels: undefined, found: [] },
  {
    channels: [
      ['kernel', 'bias'],
      ['kernel', 'scale'],
    ],
    found: [],
  },
  {
    channels: [['kernel', 'bias']],
    found: [
      'Expected channels that can go and have a scale to rank them by; none of the 1 groups of channels that can go in this model has one. Choose another criterion, or another model.',
    ],
  },
] as const)('a plan refuses a network without scales, where that is known: $channels', ({ channels, found }) => {
  const model = { layers: [], kernels: ['conv.weight'], ...(channels && { channels: () => channels }) };
  const check = ({ check: findings }: typeof batchNorm | typeof l1) =>
    findings!({ ...parseOptions(batchNorm, { sparsity: 0.5 }), parts: 'outputs' }, { folder: '/', model });
  expect(check(batchNorm).map(({ text }) => text)).toEqual(found);
  expect(check(l1)).toEqual([]);
});
