import {
  type Model,
  type NdArray,
  ndArray,
  operationKinds,
  type RelevanceComposite,
  type RelevanceRule,
  type RelevanceRules,
  relevanceComposites,
  relevanceRules,
  rows,
} from '@espalier/core';
import { toyModel } from '@espalier/core/testing';
import type { Ops } from '@espalier/engine';
import { describe, expect, test } from 'vitest';
import { engines, slowOps } from '../../engine/test/support/index.ts';
import type { Network } from '../src/graph/network.ts';
import { networkModel } from '../src/model/network-model.ts';
import { smallClasses, smallImages, smallInput, smallNetwork, smallWeights } from './small-network.ts';

const compute = { inference: 'exact', training: 'exact' } as const;
const rulesOf = (composite: RelevanceComposite, epsilon = 1e-6): RelevanceRules =>
  relevanceRules({ composite, epsilon, gamma: 0.25, stabilizer: 1e-6 });

function small(ops: Ops): Model {
  const spec = { input: smallInput, classes: smallClasses };
  return networkModel({
    ops,
    compute,
    network: smallNetwork,
    spec,
    weights: smallWeights(),
    masks: new Map(),
    history: [],
  });
}

const images = smallImages(3);
const labels = [2, 0, 1];

describe.each([{ name: 'slow twin', ops: slowOps(), reason: '' }, ...engines])('on $name$reason', ({ ops: engine }) => {
  const ops = engine!; // only used where the tests below are not skipped

  test.skipIf(!engine)('LRP-0 of a network of relus is its input times its gradient', async () => {
    const live = ops.live;
    {
      using model = small(ops);
      const { values } = await model.inputRelevance(images, labels, rulesOf('epsilon', 0));
      const { data } = await model.inputGradient(images, labels);
      const { mean } = smallInput;
      expectClose(
        values.data,
        data.map((slope, i) => slope * (images.data[i]! - mean[i % 3]!)),
        1e-3,
      );
    }
    expect(ops.live).toBe(live);
  });

  test.skipIf(!engine).each(relevanceComposites)('%s: what sets out arrives, or is told', async (composite) => {
    using model = small(ops);
    const found = await model.inputRelevance(images, labels, rulesOf(composite));
    const logits = await model.predict(images);
    labels.forEach((k, n) => {
      expect(found.start[n]).toBeCloseTo(logits.data[n * 3 + k]!, 4);
      const own = rows(found.values, n, n + 1).data;
      const size = own.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
      const sum = own.reduce((total, value) => total + value, 0);
      expect(Math.abs(sum + found.absorbed[n]! + found.withheld[n]! - found.start[n]!) / size).toBeLessThan(2e-3);
    });
  });

  test.skipIf(!engine)('an image has the same relevance whatever else is in its batch', async () => {
    using model = small(ops);
    const rules = rulesOf('epsilon-plus-flat');
    const batch = await model.inputRelevance(images, labels, rules);
    const alone = await model.inputRelevance(rows(images, 1, 2), [labels[1]!], rules);
    expectClose(rows(batch.values, 1, 2).data, alone.values.data, 1e-5);
  });

  test.skipIf(!engine)('at a layer of which the rest is a function alone, all is there', async () => {
    using model = small(ops);
    const found = await model.activationRelevance(images, 'blocks', labels, rulesOf('epsilon', 0));
    const [gradient, values] = [
      await model.activationGradient(images, 'blocks', labels),
      await model.activations(images, 'blocks'),
    ];
    expectClose(
      found.data,
      gradient.data.map((slope, i) => slope * values.data[i]!),
      1e-4,
    );
    const before = await model.activationRelevance(images, 'a.1.conv', labels, rulesOf('epsilon-plus'));
    const after = await model.activationRelevance(images, 'a.1.norm', labels, rulesOf('epsilon-plus'));
    expectClose(before.data, after.data, 1e-4);
  });

  test.skipIf(!engine)(
    'LRP-0 of a kernel is it times its slope, which BatchNorm after it does not change',
    async () => {
      using model = small(ops);
      const found = await model.kernelRelevance(rows(images, 0, 1), [2], rulesOf('epsilon', 0));
      expect([...found.keys()]).toEqual(
        model.parameters.filter(({ role }) => role === 'kernel').map(({ name }) => name),
      );
      const weights = await model.weights();
      for (const name of ['stem.conv.weight', 'b.0.conv.weight', 'head.weight']) {
        const { data } = weights.get(name)!;
        const index = data.length >> 1;
        const at = async (change: number) => {
          const array = { ...weights.get(name)!, data: data.with(index, data[index]! + change) };
          using moved = await model.withWeights(new Map(weights).set(name, array));
          return (await moved.predict(rows(images, 0, 1))).data[2]!;
        };
        const slope = ((await at(2e-3)) - (await at(-2e-3))) / 4e-3;
        expect(found.get(name)!.data[index], name).toBeCloseTo(slope * data[index]!, 2);
      }
    },
  );
});

describe('rules, against the toy model, which has them in plain loops', () => {
  const weighted: readonly RelevanceRule[] = [
    { rule: 'epsilon', epsilon: 0.3 },
    { rule: 'gamma', gamma: 0.4, epsilon: 0.01 },
    { rule: 'alpha-beta', alpha: 1, beta: 0, epsilon: 0.01 },
    { rule: 'alpha-beta', alpha: 2, beta: 1, epsilon: 0.1 },
    { rule: 'flat', epsilon: 1e-6 },
    { rule: 'w-square', epsilon: 1e-6 },
    { rule: 'z-box', epsilon: 1e-3 },
    { rule: 'gradient' },
  ];
  const passes = ['identity', 'guided', 'deconvnet', 'gradient'] as const;
  const cases = weighted.flatMap((rule) =>
    passes.map((pass) => ({ name: `${JSON.stringify(rule)}, ${pass}`, rule, pass })),
  );

  test.each(cases)('$name', async ({ rule, pass }) => {
    const toy = toyModel();
    using model = await asNetwork(toy);
    const rules: RelevanceRules = {
      start: 'logit',
      entries: [
        { kinds: ['convolution'], rule },
        { kinds: ['dense'], rule: rule.rule === 'z-box' ? { rule: 'epsilon', epsilon: 0.1 } : rule },
        { kinds: ['relu'], rule: { rule: pass } },
        { kinds: ['mean'], rule: { rule: 'epsilon', epsilon: 0.01 } },
      ],
    };
    const batch = smallImagesOf(toy);
    const [found, expected] = [
      await model.inputRelevance(batch, [0, 2], rules),
      await toy.inputRelevance(batch, [0, 2], rules),
    ];
    expectClose(found.values.data, expected.values.data, 1e-4);
    for (const name of ['start', 'absorbed', 'withheld'] as const) expectClose(found[name], expected[name], 1e-3);
    const at = await model.activationRelevance(batch, 'features', [0, 2], rules);
    expectClose(at.data, (await toy.activationRelevance(batch, 'features', [0, 2], rules)).data, 1e-4);
    const [kernels, plain] = [
      await model.kernelRelevance(batch, [0, 2], rules),
      await toy.kernelRelevance(batch, [0, 2], rules),
    ];
    expectClose(kernels.get('fc.weight')!.data, plain.get('fc.weight')!.data, 1e-4);
    expectClose(kernels.get('conv.weight')!.data, plain.get('conv.weight')!.data, 1e-4);
  });
});

test('a layer without a rule, or with one that is not defined for it, is refused by name and kind', async () => {
  using model = small(slowOps());
  const entries = rulesOf('epsilon').entries.filter(({ kinds }) => !kinds?.includes('sum'));
  const without = { start: 'logit', entries } as const;
  await expect(model.inputRelevance(images, labels, without)).rejects.toThrow(
    'a rule is missing for "a.sum" (sum), "b.sum" (sum), "means" (mean)',
  );
  const guided: RelevanceRules = { start: 'one', entries: [{ kinds: operationKinds, rule: { rule: 'guided' } }] };
  await expect(model.inputRelevance(images, labels, guided)).rejects.toThrow(
    'no such rule is defined: "guided" at "stem.norm" (convolution)',
  );
  await expect(model.activationRelevance(images, 'no such', labels, without)).rejects.toThrow('no such');
});

/** The toy model as a network of layers. */
async function asNetwork(toy: Model): Promise<Model> {
  const square = { kernel: [2, 2], stride: [2, 2], padding: [0, 0, 0, 0], dilation: [1, 1], groups: 1 } as const;
  const network: Network = {
    architecture: 'toy',
    nodes: [
      {
        name: 'conv',
        inputs: ['images'],
        layer: { kind: 'convolution', weight: 'conv.weight', bias: 'conv.bias', inputs: 3, outputs: 5, ...square },
      },
      { name: 'features', inputs: ['conv'], layer: { kind: 'relu' } },
      { name: 'means', inputs: ['features'], layer: { kind: 'mean', axes: [0, 1], keepsAxes: false } },
      {
        name: 'logits',
        inputs: ['means'],
        layer: { kind: 'dense', weight: 'fc.weight', bias: null, axes: 'o i', inputs: 5, outputs: 3 },
      },
    ],
    output: 'logits',
    stages: [],
  };
  const weights = await toy.weights();
  const { input, classes } = toy;
  return networkModel({
    ops: slowOps(),
    compute,
    network,
    spec: { input, classes },
    weights,
    masks: new Map(),
    history: [],
  });
}

function smallImagesOf({ input }: Model): NdArray<'n h w c'> {
  const made = ndArray('n h w c', [2, input.height, input.width, 3]);
  made.data.set(smallImages(2).data.subarray(0, made.data.length));
  return made;
}

/** Relative to the largest value. */
function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(found.length).toBe(expected.length);
  const scale = Array.from(expected).reduce((most, value) => Math.max(most, Math.abs(value)), 1e-4);
  const worst = Array.from(expected).reduce((most, value, i) => Math.max(most, Math.abs(value - found[i]!)), 0);
  expect(worst / scale).toBeLessThan(tolerance);
}
