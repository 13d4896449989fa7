import {
  type Masks,
  type Model,
  ndArray,
  type PruneContext,
  type Pruner,
  plainServices,
  type Weights,
} from '@espalier/core';
import { toyLabel, toyModel, toySplit } from '@espalier/core/testing';
import { expect, test } from 'vitest';
import type { ModelValue, SplitValue } from '../src/artifacts/artifact-kinds.ts';
import type { Instance, InstanceInputs } from '../src/kinds/node-kind.ts';
import { pruner } from '../src/kinds/pruner.ts';
import { rewound } from '../src/kinds/pruning-round.ts';
import { train as trainKind } from '../src/kinds/train.ts';

const madeBy = { package: 'toy', plugin: 'toy', options: {}, seed: 0 };
const data: SplitValue = { split: toySplit(4), madeBy, part: 'train', perClass: null };

/** Removes the smallest fifth of the weights of the dense kernel that earlier rounds kept, enforced or not. */
const aFifth = (seen: PruneContext[] = []): Pruner => ({
  sparsity: 0.2,
  sparsityIs: 'nominal',
  async mask(model, context) {
    seen.push(context);
    const values = (await model.weights()).get('fc.weight')!.data;
    const before = context.unenforced?.get('fc.weight') ?? model.masks.get('fc.weight') ?? new Uint8Array(15).fill(1);
    const kept = [...values.keys()].filter((i) => before[i] === 1);
    const order = kept.sort((a, b) => Math.abs(values[a]!) - Math.abs(values[b]!));
    const gone = new Set(order.slice(0, Math.round(kept.length / 5)));
    return new Map([['fc.weight', before.map((keep, i) => Number(keep === 1 && !gone.has(i)))]]);
  },
});

/** Trains by adding one hundredth to every weight that no mask holds at zero. */
const train: Instance['train'] = async (model) => {
  const moved = [...(await model.weights())].map(
    ([name, array]) => [name, { ...array, data: array.data.map((value) => value + 0.01) }] as const,
  );
  return { model: await model.withWeights(new Map(moved)) };
};

interface Given {
  readonly options?: object;
  readonly start?: Partial<ModelValue>;
  readonly initial?: Model;
  readonly port?: Pruner;
  readonly training?: Instance['train'];
  readonly portAt?: Instance['portAt'];
}

function inputsOf(values: Readonly<Record<string, unknown>>): InstanceInputs {
  return {
    has: (name) => name in values,
    load: async (name) => values[name] as never, // the kind asks for what it declares
    entries: () => [],
    summaries: () => [],
  };
}

async function prune({ options = {}, start = {}, initial, port = aFifth(), training = train, portAt }: Given = {}) {
  const model: ModelValue = { model: toyModel(1), madeBy, architecture: 'toy', ...start };
  const values: Record<string, unknown> = { model, data };
  if (initial) values.initial = { ...model, model: initial };
  const { model: made } = await pruner.run(port, {
    use: 'toy/prune',
    label: () => toyLabel('prune'),
    madeBy,
    options: pruner.options.parse({ finetune: null, ...options }),
    inputs: inputsOf(values),
    baseline: undefined,
    services: plainServices(),
    provenance: undefined,
    missing: [],
    train: training,
    portAt,
  });
  return made!.value as ModelValue; // the port `model`
}

const dense = async (model: Model) => (await model.weights()).get('fc.weight')!.data;
const zeros = (values: Float32Array) => values.filter((value) => value === 0).length;
const trained = { finetune: { epochs: 1 } };

test('enforced masks stay through training, and the proof says what was considered', async () => {
  const { model, proof, unenforced } = await prune({ options: trained });
  expect(zeros(await dense(model))).toBe(3);
  expect(unenforced).toBeUndefined();
  expect(proof!.claim).toEqual({
    nominal: 0.2,
    preset: 'corrected',
    considered: ['fc.weight'],
    weights: 15,
    removed: expect.closeTo(0.2, 12),
    counted: expect.closeTo(0.2, 12),
    held: true,
    rounds: 1,
    isNominal: true, // as the port says of itself
  });
});

test('masks that are not enforced zero the weights once: training regrows them, and the proof counts it', async () => {
  const { model, proof, unenforced } = await prune({ options: { ...trained, enforceMasks: false } });
  expect(model.masks.size).toBe(0);
  expect(zeros(await dense(model))).toBe(0);
  expect(zeros(Float32Array.from(unenforced!.get('fc.weight')!))).toBe(3);
  expect(proof!.claim).toMatchObject({ held: false, removed: expect.closeTo(0.2, 12), counted: 0 });
  const untrained = await prune({ options: { enforceMasks: false } });
  expect(zeros(await dense(untrained.model))).toBe(3);
});

test('the next round is told which masks were not enforced, and counts on', async () => {
  const seen: PruneContext[] = [];
  const first = await prune({ options: { ...trained, enforceMasks: false } });
  const second = await prune({ options: { ...trained, enforceMasks: false }, start: first, port: aFifth(seen) });
  expect(seen).toEqual([expect.objectContaining({ unenforced: first.unenforced })]);
  expect(zeros(Float32Array.from(second.unenforced!.get('fc.weight')!))).toBe(5); // 3, and a fifth of the other 12
  expect(second.proof!.claim).toMatchObject({ rounds: 2, counted: 0 });
});

test('a model that enforces its masks goes on to the next round with its masks', async () => {
  const second = await prune({ options: trained, start: await prune({ options: trained }) });
  expect(zeros(await dense(second.model))).toBe(5);
  expect(second.proof!.claim).toMatchObject({ rounds: 2, counted: expect.closeTo(1 / 3, 12) });
});

/** Removes the smallest weights of the dense kernel until a fraction of it is gone. */
const toFraction = (sparsity: number): Pruner => ({
  sparsity,
  async mask(model) {
    const values = (await model.weights()).get('fc.weight')!.data;
    const before = model.masks.get('fc.weight') ?? new Uint8Array(15).fill(1);
    const order = [...values.keys()].sort(
      (a, b) => before[a]! - before[b]! || Math.abs(values[a]!) - Math.abs(values[b]!),
    );
    const gone = new Set(order.slice(0, Math.round(15 * sparsity)));
    return new Map([['fc.weight', Uint8Array.from(values, (_, i) => Number(!gone.has(i)))]]);
  },
});

test.each([
  { schedule: 'cubic', levels: [0.4625, 0.7, 0.7875], from: undefined },
  { schedule: 'linear', levels: [0.2, 0.4, 0.6], from: undefined },
  { schedule: 'exponential', levels: [1 - 0.2 ** 0.25, 1 - 0.2 ** 0.5, 1 - 0.2 ** 0.75], from: undefined },
  { schedule: 'linear', levels: [0.35, 0.5, 0.65], from: 0.2 },
])(
  'a gradual schedule, $schedule from $from, reaches its level by others, each with a training of its own',
  async ({ schedule, levels, from }) => {
    const asked: number[] = [];
    const stages: (string | undefined)[] = [];
    const start = from === undefined ? {} : await prune({ port: toFraction(from) });
    const { model, proof } = await prune({
      start,
      options: { ...trained, gradual: { rounds: 4, schedule } },
      port: toFraction(0.8),
      portAt: async (sparsity) => {
        asked.push(sparsity);
        return toFraction(sparsity);
      },
      training: (one, split, options, more) => {
        stages.push(more?.stage);
        return train(one, split, options, more);
      },
    });
    expect(asked).toHaveLength(3);
    for (const [i, level] of levels.entries()) expect(asked[i]).toBeCloseTo(level, 6);
    const first = from === undefined ? 1 : 2;
    expect(stages).toEqual([0, 1, 2, 3].map((round) => `round-${first + round}`));
    expect(zeros(await dense(model))).toBe(12);
    expect(proof!.claim).toMatchObject({ nominal: 0.8, counted: expect.closeTo(0.8, 12), rounds: first + 3 });
  },
);

test('a lottery ticket: in every round the same fraction goes, and what is left starts anew from the first weights', async () => {
  const initial = toyModel(2);
  const { model } = await prune({
    initial,
    options: { ...trained, gradual: { rounds: 3, schedule: 'exponential' }, rewind: {} },
    port: toFraction(0.8),
    portAt: async (sparsity) => toFraction(sparsity),
  });
  const [found, before] = [await dense(model), await dense(initial)];
  expect(zeros(found)).toBe(12);
  // One training of the last round, from the first weights.
  for (const [i, value] of found.entries()) if (value !== 0) expect(value).toBeCloseTo(before[i]! + 0.01, 6);
});

test('a pruner with sparsities of its own has none on the way', async () => {
  await expect(prune({ options: { gradual: { rounds: 4 } } })).rejects.toThrow(
    'toy/prune has no other sparsities than its own, so there is none on the way to it. Leave "gradual" out, or take "rounds".',
  );
});

test('rounds go on to the one that the level names, each with a training of its own', async () => {
  const stages: (string | undefined)[] = [];
  const rounds = [
    { sparsity: 0.1, round: 1 },
    { sparsity: 0.2, round: 4 },
  ];
  const training: Instance['train'] = (model, split, options, more) => {
    stages.push(more?.stage);
    return train(model, split, options, more);
  };
  const start = await prune({ options: trained });
  const { model, proof } = await prune({ options: { ...trained, rounds }, start, training });
  expect(stages).toEqual(['round-2', 'round-3', 'round-4']);
  expect(zeros(await dense(model))).toBe(9); // 15, 12, 10, 8, 6 are kept
  expect(proof!.claim).toMatchObject({ rounds: 4, nominal: 0.2, counted: expect.closeTo(0.6, 12) });
});

test('rewinding trains from the initial weights, masks applied, enforced or not', async () => {
  const initial = toyModel(9);
  const from: Weights[] = [];
  const training: Instance['train'] = async (model, ...rest) => {
    from.push(await model.weights());
    return train(model, ...rest);
  };
  for (const enforceMasks of [true, false])
    await prune({ options: { ...trained, enforceMasks, rewind: {} }, initial, training });
  const pruned = await prune();
  const mask = (await dense(pruned.model)).map((value) => Number(value !== 0));
  const expected = (await dense(initial)).map((value, i) => (mask[i] ? value : 0));
  for (const weights of from) {
    expect(weights.get('fc.weight')!.data).toEqual(expected);
    expect(weights.get('conv.bias')).toEqual((await initial.weights()).get('conv.bias'));
  }
});

test('what the released code leaves behind when it rewinds: biases from round 2 on, statistics always', async () => {
  const parameters = [
    { name: 'conv.weight', shape: [1], role: 'kernel' },
    { name: 'bn.weight', shape: [1], role: 'scale' },
    { name: 'bn.bias', shape: [1], role: 'shift' },
    { name: 'bn.running_mean', shape: [1], role: 'statistic' },
    { name: 'fc.bias', shape: [1], role: 'bias' },
  ] as const;
  const filled = (value: number): Weights =>
    new Map(parameters.map(({ name }) => [name, ndArray('o', [1], Float32Array.of(value))]));
  const initial: ModelValue = {
    model: { ...toyModel(), weights: async () => filled(0) },
    madeBy,
    architecture: 'toy',
  };
  const rewoundIn = async (
    round: number,
    rewind: { biases: 'every-round' | 'first-round'; statistics: 'every-round' | 'never' },
  ) => [...(await rewound(filled(1), { parameters, initial, rewind, round })).values()].map(({ data }) => data[0]);
  expect(await rewoundIn(2, { biases: 'every-round', statistics: 'every-round' })).toEqual([0, 0, 0, 0, 0]);
  expect(await rewoundIn(1, { biases: 'first-round', statistics: 'never' })).toEqual([0, 0, 0, 1, 0]);
  expect(await rewoundIn(2, { biases: 'first-round', statistics: 'never' })).toEqual([0, 0, 1, 1, 1]);
});

test('leaves the model that it was given as it was', async () => {
  const model = toyModel(1);
  const before = await model.weights();
  for (const enforceMasks of [true, false]) await prune({ options: { ...trained, enforceMasks }, start: { model } });
  expect(await model.weights()).toEqual(before);
});

test('training on keeps the claim, and counts again', async () => {
  const pruned = await prune({ options: { enforceMasks: false } });
  expect(pruned.proof!.claim).toMatchObject({ counted: expect.closeTo(0.2, 12), held: false });
  const { model: made } = await trainKind.run(undefined, {
    use: 'core/train',
    label: () => toyLabel('training'),
    madeBy,
    options: trainKind.options.parse(trained.finetune),
    inputs: inputsOf({ model: pruned, data }),
    baseline: undefined,
    services: plainServices(),
    provenance: undefined,
    missing: [],
    train,
  });
  const value = made!.value as ModelValue; // the port `model`
  expect(value.proof!.claim).toEqual({ ...pruned.proof!.claim, counted: 0 });
  expect(value.unenforced).toEqual(pruned.unenforced);
});

const exact = (masks: Masks): Pruner => ({ sparsity: 0.2, mask: async () => masks });
const oneOf15 = new Map([['fc.weight', Uint8Array.from({ length: 15 }, (_, i) => Number(i > 0))]]);

test.each([
  [
    'a target that the masks miss',
    { port: exact(oneOf15) },
    'toy/prune stands for a sparsity of 0.2; of the weights that it considers, 0.066667 are zero in the model as evaluated. Its masks must remove that fraction, together with what was removed before, and training must hold them.',
  ],
  [
    'enforced masks that training lost',
    { options: trained, training: (async (_, ...rest) => train(toyModel(1), ...rest)) as Instance['train'] },
    'toy/prune removed 0.200000 of the weights that it considers; 0.000000 are zero in the model as evaluated. Training must hold its masks.',
  ],
  [
    'rewinding to nothing',
    { options: { rewind: {} } },
    'toy/prune has "rewind" but no weights to go back to. Connect its input "initial", for example to network.model.',
  ],
  [
    'comparing epochs on nothing',
    { options: { keep: 'best-before-epoch' } },
    'toy/prune has "keep", but no images to compare epochs on. Connect its input "select", for example to data.tune.',
  ],
  [
    'a level without a round',
    { options: { rounds: [{ sparsity: 0.3, round: 2 }] } },
    'toy/prune: "rounds" has no round for the level 0.2; it has the levels 0.3. Add { "sparsity": 0.2, "round": … }.',
  ],
])('refuses %s', async (_, given, text) => {
  await expect(prune(given)).rejects.toThrow(text);
});

test('refuses a level whose round is over', async () => {
  const options = { rounds: [{ sparsity: 0.2, round: 1 }] };
  await expect(prune({ options, start: await prune() })).rejects.toThrow(
    'toy/prune: the level 0.2 is reached after 1 rounds, but the model on its input was pruned 1 times. Rounds count on from the dense model: give every level a later round than the one before.',
  );
});

test('masks that are not enforced must remove what their pruner stands for, too', async () => {
  const port: Pruner = { ...aFifth(), sparsity: 0.5, sparsityIs: 'target' };
  await expect(prune({ options: { enforceMasks: false }, port })).rejects.toThrow(
    'toy/prune stands for a sparsity of 0.5; its masks remove 0.200000 of the weights that it considers.',
  );
  const { proof } = await prune({ options: { enforceMasks: false }, port: { ...port, sparsity: 0.2 } });
  expect(proof?.claim).toMatchObject({ nominal: 0.2, removed: expect.closeTo(0.2, 12), held: false });
});
