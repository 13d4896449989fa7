import { createFrom, type Model, parseOptions, plainServices } from '@espalier/core';
import { describePruner, toyModel } from '@espalier/core/testing';
import { synflow } from '@espalier/pruner-gradient';
import { expect, test } from 'vitest';
import { synapticFlow } from '../src/synaptic-flow.ts';

for (const scope of ['global', 'layerwise'])
  describePruner(`synflow, ${scope}`, (sparsity) =>
    createFrom(synflow, { sparsity, scope, iterations: 5 }, plainServices()),
  );

/** R of the toy: absolute weights, an image of ones, all in plain loops. */
async function slowTotal(model: Model): Promise<number> {
  const [kernel, bias, dense] = [...(await model.weights()).values()].map(({ data }) => [...data].map(Math.abs));
  const features = bias!.map(
    (own, d) => own + kernel!.slice(12 * d, 12 * d + 12).reduce((sum, value) => sum + value, 0),
  );
  return dense!.reduce((sum, weight, i) => sum + weight * features[i % 5]!, 0);
}

async function without(model: Model, name: string, index: number): Promise<Model> {
  const weights = await model.weights();
  const array = weights.get(name)!;
  return model.withWeights(new Map(weights).set(name, { ...array, data: array.data.with(index, 0) }));
}

test('the flow through a weight is what the total loses without it, of the total', async () => {
  const model = toyModel(3);
  const flow = await synapticFlow(model, await model.weights())(new Map());
  const total = await slowTotal(model);
  for (const [name, flows] of flow)
    for (const [i, found] of flows.entries()) {
      const lost = total - (await slowTotal(await without(model, name, i)));
      expect(found / (lost / total)).toBeCloseTo(1, 4);
    }
});

test('flow is conserved: kernels that every path goes through have all of it, with the biases on the way', async () => {
  const model = toyModel(3);
  const sum = (values: Float32Array) => values.reduce((all, value) => all + value, 0);
  const flow = await synapticFlow(model, await model.weights())(new Map());
  expect(sum(flow.get('fc.weight')!)).toBeCloseTo(1, 5);
  expect(sum(flow.get('conv.weight')!)).toBeLessThan(1);
  const weights = new Map(await model.weights());
  const bias = weights.get('conv.bias')!;
  const unbiased = await model.withWeights(weights.set('conv.bias', { ...bias, data: bias.data.map(() => 0) }));
  const all = await synapticFlow(unbiased, await unbiased.weights())(new Map());
  for (const flows of all.values()) expect(sum(flows)).toBeCloseTo(1, 5);
});

test('worked step by step: each computes the flow anew and keeps the same fraction', async () => {
  const model = toyModel(3);
  const pruner = await createFrom(synflow, { sparsity: 0.64, iterations: 2 }, plainServices());
  const masks = await pruner.mask(model, {});
  const flows = synapticFlow(model, await model.weights());
  const removed = new Set<string>();
  for (const left of [45, 27]) {
    // 75 weights: 0.6 of them, twice
    const current = new Map(
      ['conv.weight', 'fc.weight'].map((name) => [
        name,
        Uint8Array.from(masks.get(name)!, (_, i) => Number(!removed.has(`${name} ${i}`))),
      ]),
    );
    const all = [...(await flows(current))].flatMap(([name, values]) =>
      [...values].map((value, i) => ({ id: `${name} ${i}`, value })),
    );
    const kept = all.filter(({ id }) => !removed.has(id)).sort((a, b) => a.value - b.value);
    for (const { id } of kept.slice(0, kept.length - left)) removed.add(id);
  }
  const found = [...masks].flatMap(([name, mask]) =>
    [...mask].flatMap((keep, i) => (keep === 0 ? [`${name} ${i}`] : [])),
  );
  expect(new Set(found)).toEqual(removed);
});

test('signs do not matter, and no layer loses all its weights where another could give more', async () => {
  const model = toyModel(3);
  const weights = new Map(
    [...(await model.weights())].map(([name, array]) => [name, { ...array, data: array.data.map((value) => -value) }]),
  );
  const pruner = await createFrom(synflow, { sparsity: 0.9 }, plainServices());
  const masks = await pruner.mask(model, {});
  expect(await pruner.mask(await model.withWeights(weights), {})).toEqual(masks);
  for (const mask of masks.values()) expect(mask).toContain(1);
});

test('one iteration is not a hundred', async () => {
  const one = await createFrom(synflow, { sparsity: 0.8, iterations: 1 }, plainServices());
  const many = await createFrom(synflow, { sparsity: 0.8 }, plainServices());
  expect(await one.mask(toyModel(3), {})).not.toEqual(await many.mask(toyModel(3), {}));
});

test('weights so large that float32 cannot hold their products are scaled; ones so small, too', async () => {
  const model = toyModel(3);
  const expected = await synapticFlow(model, await model.weights())(new Map());
  for (const factor of [2 ** 60, 2 ** -40]) {
    const weights = new Map(
      [...(await model.weights())].map(([name, array]) => [
        name,
        { ...array, data: array.data.map((value) => value * (name === 'conv.bias' ? 0 : factor)) },
      ]),
    );
    const unbiased = new Map(await model.weights());
    const bias = unbiased.get('conv.bias')!;
    unbiased.set('conv.bias', { ...bias, data: bias.data.map(() => 0) });
    const plain = await synapticFlow(model, unbiased)(new Map());
    const scaled = await synapticFlow(model, weights)(new Map());
    for (const [name, flows] of scaled)
      for (const [i, flow] of flows.entries()) expect(flow).toBeCloseTo(plain.get(name)![i]!, 5);
  }
  expect(expected.size).toBe(2);
});

test.each([
  {
    what: 'nothing flows',
    changed: () => ({ predict: zeros }),
    found: 'no path of weights leads from the image to the logits',
  },
  {
    what: 'it is not linear',
    changed: (model: Model) => ({
      predict: async (images: Parameters<Model['predict']>[0]) => {
        const logits = await model.predict(images);
        return { ...logits, data: logits.data.map((value) => Math.sqrt(Math.abs(value))) };
      },
    }),
    found: 'a fourth of the image has 1/2.00 of its logits',
  },
  {
    what: 'a slope is negative',
    changed: (model: Model) => ({
      parameterGradient: async (...asked: Parameters<Model['parameterGradient']>) => {
        const slopes = await model.parameterGradient(...asked);
        return new Map([...slopes].map(([name, array]) => [name, { ...array, data: array.data.map(() => -1) }]));
      },
    }),
    found: '100 % of what flows through a kernel is below 0',
  },
  {
    what: 'it is beyond float32',
    changed: () => ({
      predict: async (images: Parameters<Model['predict']>[0]) => filled(images, Number.POSITIVE_INFINITY),
    }),
    found: 'its values are beyond float32, even for an image of 2^-110',
  },
])('a network is refused where $what', async ({ changed, found }) => {
  const pruner = await createFrom(synflow, { sparsity: 0.5 }, plainServices());
  await expect(pruner.mask(changedModel(toyModel(), changed), {})).rejects.toMatchObject({
    code: 'pruner-gradient/no-flow',
    message:
      'SynFlow needs a network that is linear in its image where all parameters are positive: convolutions, dense layers, BatchNorm, ReLU, ' +
      `pooling and sums. Here, ${found}. Use another network, or another pruner.`,
  });
});

test.each([
  { kind: 'layer-norm', isRefused: true },
  { kind: 'hard-swish', isRefused: false },
] as const)('a plan that knows of a $kind refuses it: $isRefused', ({ kind, isRefused }) => {
  const operations = [
    { name: 'conv', kind: 'convolution', readsImages: true },
    { name: 'ln', kind, readsImages: false },
  ] as const;
  const known = { folder: '/', model: { layers: [], kernels: ['conv.weight'], operations } };
  const found = synflow.check!(parseOptions(synflow, { sparsity: 0.5 }), known);
  expect(found.map(({ text }) => text)).toEqual(
    isRefused ? [expect.stringContaining(`and sums. Here, "ln" (${kind}) is not.`)] : [],
  );
});

async function zeros(images: Parameters<Model['predict']>[0]) {
  return filled(images, 0);
}

function filled({ shape }: Parameters<Model['predict']>[0], value: number) {
  return { axes: 'n k', shape: [shape[0]!, 3], data: new Float32Array(3 * shape[0]!).fill(value) } as const;
}

/** The model, and all that it becomes, with a change. */
function changedModel(model: Model, change: (model: Model) => Partial<Model>): Model {
  return {
    ...model,
    ...change(model),
    withWeights: async (...asked) => changedModel(await model.withWeights(...asked), change),
    withNormalisation: async (...asked) => changedModel(await model.withNormalisation(...asked), change),
  };
}
