import {
  createFrom,
  type Model,
  type ModelOutline,
  ndArray,
  needFindings,
  type PruneContext,
  parseOptions,
  plainServices,
  rows,
} from '@espalier/core';
import { describePruner, toyModel, toySample } from '@espalier/core/testing';
import { prune } from '@espalier/pruner-lrp';
import { expect, test } from 'vitest';

const context: PruneContext = { sample: toySample };

for (const [scope, composite] of [
  ['global', 'epsilon-plus'],
  ['layerwise', 'epsilon'],
])
  describePruner(
    `relevance, ${scope}`,
    (sparsity) => createFrom(prune, { sparsity, scope, composite }, plainServices()),
    context,
  );

/** LRP-0 of a network of ReLUs: weight x slope of the logit by it, over the logit, since 1 sets out. Means over batches of its size. */
async function slowSizes(model: Model, batchSize: number): Promise<ReadonlyMap<string, Float64Array>> {
  const { images, labels } = await toySample();
  const weights = await model.weights();
  const sizes = new Map(
    ['conv.weight', 'fc.weight'].map((name) => [name, new Float64Array(weights.get(name)!.data.length)]),
  );
  for (let start = 0; start < labels.length; start += batchSize) {
    const sums = new Map([...sizes].map(([name, { length }]) => [name, new Float64Array(length)]));
    const end = Math.min(labels.length, start + batchSize);
    for (let n = start; n < end; n++) {
      const image = rows(images, n, n + 1);
      const logit = (await model.predict(image)).data[labels[n]!]!;
      const chosen = ndArray('n k', [1, 3]);
      chosen.data[labels[n]!] = 1;
      const slopes = await model.parameterGradient(image, chosen);
      for (const [name, sum] of sums)
        for (let i = 0; i < sum.length; i++)
          sum[i]! += (weights.get(name)!.data[i]! * slopes.get(name)!.data[i]!) / logit / (end - start);
    }
    for (const [name, sum] of sums)
      for (let i = 0; i < sum.length; i++) sizes.get(name)![i]! += (Math.abs(sum[i]!) * (end - start)) / labels.length;
  }
  return sizes;
}

test.each([1, 4])('what goes has the least relevance by plain LRP-0, batches of %d', async (batchSize) => {
  const asked = { sparsity: 0.5, composite: 'epsilon', epsilon: 0, stabilizer: 0, batchSize };
  const masks = await (await createFrom(prune, asked, plainServices())).mask(toyModel(), context);
  const slow = await slowSizes(toyModel(), batchSize);
  const values = (keep: number) =>
    [...masks].flatMap(([name, mask]) => [...slow.get(name)!.filter((_, i) => mask[i] === keep)]);
  expect(values(0)).toHaveLength(38); // of 75: halves to even
  const largest = Math.max(...values(1));
  expect(Math.max(...values(0))).toBeLessThan(Math.min(...values(1)) + 1e-5 * largest);
  expect(Math.max(...values(0))).toBeLessThan(largest / 2);
});

test('without images it is refused, and says what to connect', async () => {
  const pruner = await createFrom(prune, { sparsity: 0.5 }, plainServices());
  await expect(pruner.mask(toyModel(), {})).rejects.toMatchObject({
    code: 'core/images-missing',
    message:
      'LRP ranks weights by relevance on labelled training images; found no sample. Connect its input "data" to images, for example to data.train.',
  });
});

test('a kernel that loses all its weights is reported', async () => {
  const lines: string[] = [];
  const none = { ...toyModel(), kernelRelevance: async () => zeroed(await toyModel().weights()) };
  const pruner = await createFrom(prune, { sparsity: 0.2 }, plainServices({ log: (line) => lines.push(line) }));
  await pruner.mask(none, context);
  expect(lines).toEqual(['fc.weight loses all its weights at sparsity 0.2']);
});

test('the plan refuses a model without relevance of kernels, and rules for layers that have none', () => {
  const needs = prune.needs!(parseOptions(prune, { sparsity: 0.5 }));
  const texts = (model: Partial<ModelOutline>) =>
    needFindings(needs, { model: { layers: [], kernels: [], ...model } }, 'lrp/prune').map(({ text }) => text);
  expect(texts({ operations: [{ name: 'a', kind: 'relu', readsImages: true }] })).toEqual([]);
  expect(texts({ abilities: [] })).toEqual([expect.stringContaining('lrp/prune needs "kernelRelevance" of its model')]);
  expect(needs.rules).toMatchObject({ start: 'one', entries: [{ rule: { rule: 'alpha-beta' } }, {}, {}, {}, {}, {}] });
});

function zeroed(weights: Awaited<ReturnType<Model['weights']>>): typeof weights {
  return new Map(
    [...weights].map(([name, array]) => [name, { ...array, data: array.data.map(() => Number(name !== 'fc.weight')) }]),
  );
}
