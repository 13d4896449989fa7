import {
  type Attributions,
  type ConceptBank,
  createFrom,
  defineMetric,
  type Given,
  heldPort,
  type Measurement,
  type Model,
  ndArray,
  plainServices,
} from '@espalier/core';
import { toyModel } from '@espalier/core/testing';
import { expect, expectTypeOf, test } from 'vitest';
import * as z from 'zod';

const source = { title: 'toy', url: 'https://example.org', departures: [] };
const options = z.strictObject({});
const nothing: readonly Measurement[] = [];

const declared = defineMetric({
  ...{ name: 'declared', cacheVersion: '1', source, options },
  inputs: ['model', 'attributions'],
  optionalInputs: ['nullConcepts'],
  create: () => ({
    async measure(inputs, baseline) {
      expectTypeOf(inputs.model).toEqualTypeOf<Model>();
      expectTypeOf(inputs.attributions).toEqualTypeOf<Attributions>();
      expectTypeOf(inputs.nullConcepts).toEqualTypeOf<readonly ConceptBank[] | undefined>();
      expectTypeOf(baseline).toEqualTypeOf<typeof inputs | undefined>();
      // @ts-expect-error images are not declared
      expect(inputs.images).toBeUndefined();
      return nothing;
    },
  }),
});

const attributions: Attributions = {
  ...{ values: ndArray('n h w c', [1, 8, 8, 3]), reduction: 'sum', ids: ['a'], classIndex: [0] },
  ...{ method: 'toy/map', diagnostics: {} },
};

test('a metric gets what it declares, and a measure that asks for more is no metric', async () => {
  const metric = await createFrom(declared, {}, plainServices());
  expect(await metric.measure({ model: toyModel(), attributions })).toBe(nothing);
  const measure = async (_: Given<'model' | 'images'>) => nothing;
  defineMetric({
    ...{ name: 'asks-more', cacheVersion: '1', source, options },
    inputs: ['model'],
    // @ts-expect-error measure asks for images, which are not declared
    create: () => ({ measure }),
  });
  // @ts-expect-error there is no such input
  defineMetric({ ...{ name: 'unknown', cacheVersion: '1', source, options }, inputs: ['weather'], create: () => ({}) });
});

test('a metric that is not handed what it declares says what is missing, outside of any study, too', async () => {
  const metric = await createFrom(declared, {}, plainServices());
  const refused = (asked: Promise<unknown>, text: string) =>
    expect(asked).rejects.toMatchObject({ code: 'core/input-missing', message: expect.stringContaining(text) });
  await refused(metric.measure({ model: toyModel() }), 'The metric "declared" needs "attributions"; found "model".');
  await refused(metric.measure({}), 'needs "model"; found nothing. Hand it over');
  const baseline = { model: toyModel() };
  await refused(
    metric.measure({ ...baseline, attributions }, baseline),
    'At the baseline, the metric "declared" needs',
  );
  const held = heldPort('metric', await declared.create({}, plainServices()), 'toy/declared', declared);
  await refused(held.measure({ model: toyModel() }), 'The metric "toy/declared" needs "attributions"');
});

test('a metric that needs banks of one form refuses others, on every input and at the baseline', async () => {
  const bank = { classIndex: 0 } as ConceptBank; // nobody looks at the rest
  const signed = { ...bank, form: { codes: 'signed', rebuilds: false } } as const;
  const metric = (needsBanks: object) =>
    createFrom(
      defineMetric({
        ...{ name: 'needy', cacheVersion: '1', source, options, needsBanks },
        inputs: ['concepts'],
        optionalInputs: ['nullConcepts'],
        create: () => ({ measure: async () => nothing }),
      }),
      {},
      plainServices(),
    );
  const plain = { concepts: [bank] };
  const rebuilding = await metric({ rebuilds: true });
  expect(await rebuilding.measure(plain, plain)).toBe(nothing);
  expect(await (await metric({})).measure({ concepts: [signed] })).toBe(nothing);
  const text =
    'The metric "needy" needs concepts that rebuild the activations; those on the input "concepts" are directions that each stand by ' +
    'themselves. Connect another extractor, or use another metric.';
  const refused = { code: 'core/inputs-mismatch', message: text };
  await expect(rebuilding.measure({ concepts: [signed] })).rejects.toMatchObject(refused);
  await expect(rebuilding.measure(plain, { concepts: [bank, signed] })).rejects.toMatchObject(refused);
  await expect(rebuilding.measure({ ...plain, nullConcepts: [signed] })).rejects.toThrow('the input "nullConcepts"');
  const positive = await metric({ codes: 'non-negative' });
  await expect(positive.measure({ concepts: [signed] })).rejects.toThrow('needs codes that are never negative; those');
});
