import {
  defineMetric,
  type LayerNeed,
  labelOf,
  labelText,
  type Model,
  type ModelNeeds,
  ndArray,
  needFindings,
  optionsInForce,
  type PlanKnowledge,
  type Plugin,
  type PruneContext,
  parseOptions,
} from '@espalier/core';
import { describeLabels, labelLaws, type OptionTrials, toyLabel } from '@espalier/core/testing';
import { expect, test } from 'vitest';
import * as z from 'zod';

const common = { cacheVersion: '1', source: { title: 'toy', url: 'https://example.org', departures: [] } };

/** A plugin whose result is what its options say. */
const sound = defineMetric({
  ...{ ...common, name: 'sound', inputs: ['images'] },
  options: z.strictObject({
    preset: z.enum(['corrected', 'other']).default('corrected'),
    steps: z.int().min(1).optional(),
    levels: z.array(z.number()).optional(),
    start: z
      .discriminatedUnion('name', [
        z.strictObject({ name: z.literal('mean') }),
        z.strictObject({ name: z.literal('blur'), sigma: z.number().default(0.5) }),
      ])
      .default({ name: 'mean' }),
    keep: z.boolean().nullable().default(null),
    perCall: z.int().min(1).max(8).default(4),
  }),
  presets: { corrected: { steps: 5, levels: [0, 1] }, other: { steps: 3, levels: [0] } },
  unlabelled: { perCall: 'bounds memory' },
  create: () => ({ measure: async () => [] }),
});

const makeSound: OptionTrials['make'] = async (options) => {
  const {
    perCall: _,
    preset: __,
    ...rest
  } = optionsInForce(sound.presets as never, options as Record<string, unknown>) as Record<string, unknown>;
  return rest;
};

describeLabels(sound as Plugin<'metric', unknown>, { make: makeSound });

const result: OptionTrials = { make: async (options) => options };
const law = (name: string, plugin: unknown, trials: OptionTrials = result) =>
  labelLaws[name]!(plugin as never, trials as never);
const labels = 'labels every choice that changes a result';

test('an option that changes a result although it is said to change none is caught, and one that its label does not tell', async () => {
  await expect(law(labels, sound)).rejects.toThrow(
    '"perCall" from 4 to 5 changes the result, although "unlabelled" says: bounds memory',
  );
  const alike = {
    ...sound,
    options: z.strictObject({ of: z.literal([0, 1, '1']).default(0) }),
    presets: undefined,
  };
  await expect(law(labels, alike, { ...result, bases: [{ of: 1 }] })).rejects.toThrow(
    '"of" from 1 to "1" changes the result, and the label does not say so',
  );
});

test('an option that nothing was tried for is told', async () => {
  const free = { ...sound, options: z.strictObject({ name: z.string().default('a') }), presets: undefined };
  await expect(law(labels, free)).rejects.toThrow('options that no other value could be made up for');
  await law(labels, free, { ...result, values: { name: ['b'] } });
});

const asks = 'asks of a model only what it declares to need';

test('a method that asks a model for more than it declares is caught, whatever it asks', async () => {
  const method = (work: (model: Model) => Promise<unknown>, needs?: ModelNeeds) =>
    defineMetric({
      ...{ ...common, name: 'asking', inputs: ['model', 'explainer', 'images'], options: z.strictObject({}) },
      ...(needs && { needs: () => needs }),
      create: () => ({
        async measure({ model, explainer, images }) {
          await explainer.explain(model, await images.images([0]), [1]); // has needs of its own
          await work(await model.masked(new Map()));
          return [];
        },
      }),
    });
  const rest = async (model: Model) => model.classify(ndArray('n h w d', [1, 4, 4, 5]), 'features');
  const smaller = async (model: Model) => (await model.compacted()).compacted();
  const slopes = async (model: Model) => model.withWeights(await model.weights());
  await expect(law(asks, method(rest), {})).rejects.toThrow('the rest of the network after "features" was asked for');
  await expect(law(asks, method(smaller), {})).rejects.toThrow('"compacted" of a model was asked for');
  await expect(law(asks, method(slopes), {})).rejects.toThrow('"withWeights" of a model was asked for');
  const layers = [{ path: ['layer'], name: null, demand: 'complete' as const }];
  await law(asks, method(rest, { layers }), {});
  await law(asks, method(smaller, { abilities: ['compacted'] }), {});
  await law(asks, method(slopes, { abilities: ['withWeights'] }), {});
});

test('a pruner that looks at images and does not declare it is caught', async () => {
  const looking = {
    ...{ ...common, kind: 'pruner', name: 'looking', options: z.strictObject({}) },
    create: () => ({
      sparsity: 0.5,
      async mask(_: Model, { sample }: PruneContext) {
        if (!sample) throw new Error('no images');
        return new Map([['fc.weight', Uint8Array.from({ length: 15 }, (_, i) => i % 2)]]);
      },
    }),
  };
  await expect(law(asks, looking, {})).rejects.toThrow('no images');
  await law(asks, { ...looking, needsData: true }, {});
});

test('what a method needs and a model lacks is a sentence each, at the option that it is about', () => {
  const layer = (name: string, isComplete: boolean) => ({ name, isStage: isComplete, isComplete });
  const model = {
    layers: [layer('early', false), layer('late', true)],
    kernels: [],
    abilities: ['compacted'] as const,
  };
  const at = (name: string | null, demand: LayerNeed['demand']) => ({ path: ['layers', 1], name, demand });
  const found = (needs: ModelNeeds, known: Pick<PlanKnowledge, 'model'> = { model }) =>
    needFindings(needs, known, 'my/method').map(({ path, text }) => `${path.join('.')}: ${text}`);
  expect(
    found({ abilities: ['compacted'], layers: [at('late', 'read'), at('early', 'any'), at(null, 'complete')] }),
  ).toEqual([]);
  expect(found({ abilities: ['parameterGradient'], layers: [at('early', 'complete'), at('lat', 'any')] })).toEqual([
    ': my/method needs "parameterGradient" of its model, which this one does not have. Use another model, or another method.',
    expect.stringMatching(/^layers\.1: The rest of the network reads more than the layer "early"/),
    expect.stringMatching(/^layers\.1: Expected a layer of the model, one of "late"; .*found "lat"\.$/),
  ]);
  expect(found({ abilities: ['parameterGradient'] }, { model: { layers: [], kernels: [] } })).toEqual([]);
  expect(found({ abilities: ['parameterGradient'] }, {})).toEqual([]);
});

test('a plugin that no study could name is caught', async () => {
  const shape = 'has the shape of a plugin, as a study that names its package would find it';
  await law(shape, sound);
  await expect(law(shape, { ...sound, options: z.object({}) })).rejects.toThrow('options that are not strict');
  await expect(law(shape, { ...sound, cacheVersion: 3 })).rejects.toThrow('has no "cacheVersion" text: 3');
  await expect(law(shape, { ...sound, inputs: ['maps'] })).rejects.toThrow('is a metric without "inputs"');
});

test('presets that decide different options, or such as have a default, are caught', async () => {
  const decides = 'decides the same options in every preset, each of them optional';
  await expect(law(decides, { ...sound, presets: { corrected: { steps: 1 }, other: {} } })).rejects.toThrow();
  const defaulted = { ...sound, presets: { corrected: { perCall: 1 }, other: { perCall: 2 } } };
  await expect(law(decides, defaulted)).rejects.toThrow('the option "perCall" where it is absent');
});

test('a label tells the preset, what differs from it, and what it was made from where that is no default', () => {
  const of = (asked: object, from = {}) => labelOf(sound as never, parseOptions(sound, asked), from);
  const text = (asked: object, from = {}) => labelText(of(asked, from));
  expect(text({})).toBe('corrected');
  expect(text({ perCall: 8, steps: 5 })).toBe('corrected');
  expect(text({ preset: 'other', steps: 5, levels: [0, 0.5] })).toBe('other (steps=5; levels=0,0.5)');
  expect(text({ start: { name: 'blur' } })).toBe('corrected (start.name=blur; start.sigma=0.5)');
  expect(of({ keep: true })).toMatchObject({
    changes: { keep: true },
    settings: { steps: 5, keep: true },
    isDefault: true,
  });
  const maps = { ...toyLabel('IG'), preset: 'quantus-0.5.3', isDefault: false };
  const pruned = { ...toyLabel('pruning'), preset: 'theirs', isDefault: false };
  expect(text({}, { attributions: toyLabel('IG') })).toBe('corrected');
  expect(text({}, { model: pruned, attributions: { ...maps, of: { model: pruned } } })).toBe(
    'corrected of theirs model and quantus-0.5.3 attributions',
  );
  expect(labelText(of({}, { model: pruned, nullConcepts: maps }), ['model'])).toBe(
    'corrected of quantus-0.5.3 null concepts',
  );
});
