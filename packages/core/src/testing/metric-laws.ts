import { describe, expect, test } from 'vitest';
import { rows, takeRows } from '../array.ts';
import type { ConceptBank } from '../concept-extractor.ts';
import { StudyError } from '../errors.ts';
import type { Explainer } from '../explaining/explainer.ts';
import type { Measurement, Metric } from '../metric.ts';
import type { MetricInputs } from '../metric-inputs.ts';
import { checkScores } from '../promises/scores.ts';
import { constantInputs, deadInputs, signedInputs, toyInputs } from './toys/toy-inputs.ts';

/** Builds the metric under test. */
export type MetricFor = () => Metric | Promise<Metric>;

/** What every metric promises. Each law throws when the promise is broken. */
export const metricLaws: Readonly<Record<string, (metricFor: MetricFor) => Promise<void>>> = {
  async 'keeps what its port promises of scores: names, ranges, one finite value for every sample, or why it has none'(
    metricFor,
  ) {
    checkScores(await measure(metricFor, toyInputs()), 'the metric', toyInputs().images.ids);
  },

  async 'has an answer for a network that is dead: values, or none with the reason'(metricFor) {
    const inputs = await deadInputs();
    checkScores(await measure(metricFor, inputs), 'the metric', inputs.images.ids);
  },

  async 'has an answer for maps that are one constant everywhere: values, or none with the reason'(metricFor) {
    for (const constant of [1, -0.1, 1e-40]) {
      const inputs = constantInputs(constant);
      checkScores(await measure(metricFor, inputs), 'the metric', inputs.images.ids);
    }
  },

  async 'has an answer for banks of signed codes with an offset: values, or a refusal in words'(metricFor) {
    const inputs = signedInputs();
    const scores = await measure(metricFor, inputs).catch(refusal);
    if (scores) checkScores(scores, 'the metric', inputs.images.ids);
  },

  async 'gives the same scores every time'(metricFor) {
    const first = await measure(metricFor, toyInputs());
    expect((await measure(metricFor, toyInputs())).map(withoutTime)).toEqual(first.map(withoutTime));
  },

  async 'scores an image alone as it scores it among others, to the last bit'(metricFor) {
    await expectBatchInvariance(await metricFor(), toyInputs(), [[3], [4, 1, 2]]);
  },

  async 'tells an explainer that it asks again whose images they are'(metricFor) {
    const inputs = toyInputs();
    const explain: Explainer['explain'] = (model, images, classIndex, told, ids = []) => {
      expect(ids.length, 'sample ids, one per image').toBe(classIndex.length);
      expect(inputs.images.ids).toEqual(expect.arrayContaining([...ids]));
      return inputs.explainer.explain(model, images, classIndex, told, ids);
    };
    await measure(metricFor, { ...inputs, explainer: { ...inputs.explainer, explain } });
  },

  async 'has no value for an image that the model gets wrong, where models are compared on those that all get right'(
    metricFor,
  ) {
    const inputs = toyInputs();
    const correct = await correctOf(inputs);
    for (const { comparedOn, metric, ids } of await measure(metricFor, inputs))
      if (comparedOn === 'correct-by-all')
        expect(correct, `images with a value of "${metric}"`).toEqual(expect.arrayContaining([...ids]));
  },

  async 'leaves its inputs as they were'(metricFor) {
    const inputs = toyInputs();
    await measure(metricFor, inputs);
    const before = toyInputs();
    expect(inputs.attributions).toEqual(before.attributions);
    for (const concepts of ['concepts', 'nullConcepts', 'otherConcepts'] as const) {
      expect(inputs[concepts]).toEqual(before[concepts]);
    }
    expect([inputs.images.ids, inputs.images.labels]).toEqual([before.images.ids, before.images.labels]);
    expect(await inputs.model.weights()).toEqual(await before.model.weights());
  },
};

/**
 * Checks that every image gets the same score, curve and other definitions, to the last bit, among all of `inputs` as in each of `batches`
 * (indices of images). An image that is scored among all must be scored in every batch it is in.
 */
export async function expectBatchInvariance(
  metric: Metric,
  inputs: MetricInputs,
  batches: readonly (readonly number[])[],
): Promise<void> {
  const all = await metric.measure(inputs);
  if (all.every(({ sample }) => sample !== 'image')) return;
  for (const indices of batches) {
    const parts = await metric.measure(takeSamples(inputs, indices));
    expect(parts.map((part) => part.metric)).toEqual(all.map((whole) => whole.metric));
    for (const [i, part] of parts.entries()) {
      if (part.sample !== 'image') continue;
      const whole = scoreById(all[i]!);
      const batch = scoreById(part);
      for (const id of indices.map((index) => inputs.images.ids[index]!))
        if (whole.has(id)) expect(batch.get(id), `${part.metric} of ${id} in [${indices}]`).toEqual(whole.get(id));
    }
  }
}

/** Scores without what a clock said, which is another thing every time. */
function withoutTime(measured: Measurement): Partial<Measurement> {
  const timed = ['values', 'curve', 'definitions', 'draws'];
  return measured.isTiming
    ? Object.fromEntries(Object.entries(measured).filter(([name]) => !timed.includes(name)))
    : measured;
}

function scoreById({
  ids,
  values,
  curve,
  definitions = [],
  draws,
}: Measurement): ReadonlyMap<string, readonly number[]> {
  return new Map(
    ids.map((id, i) => [
      id,
      [
        values[i]!,
        ...(curve ? rows(curve.values, i, i + 1).data : []),
        ...definitions.map((definition) => definition.values[i]!),
        ...(draws?.values ?? []).map((row) => row[i]!),
      ],
    ]),
  );
}

/** Registers the laws as tests of the metric `name`. */
export function describeMetric(name: string, metricFor: MetricFor): void {
  describe(`${name} keeps the metric laws`, () => {
    for (const [law, check] of Object.entries(metricLaws)) test(law, () => check(metricFor));
  });
}

/** Ids of the images that the model gives their label. */
async function correctOf({ model, images }: MetricInputs): Promise<readonly string[]> {
  const logits = await model.predict(await images.images([...images.ids.keys()]));
  return images.ids.filter((_, i) => {
    const own = [...rows(logits, i, i + 1).data];
    return own.indexOf(Math.max(...own)) === images.labels[i];
  });
}

/** A metric that needs another form of banks says so. */
function refusal(error: unknown): undefined {
  if (StudyError.is(error) && error.code === 'core/inputs-mismatch') return undefined;
  throw error;
}

/** The same inputs for some of the images, in another order; ids stay with their images. */
function takeSamples(
  { model, embedder, images, attributions, explainer, concepts, nullConcepts, otherConcepts }: MetricInputs,
  indices: readonly number[],
): MetricInputs {
  const take = <Item>(items: readonly Item[]) => indices.map((index) => items[index]!);
  const places = (chosen: readonly number[]) => chosen.map((i) => indices[i]!);
  return {
    ...{ model, embedder },
    images: {
      ...images,
      ids: take(images.ids),
      labels: take(images.labels),
      digest: `${images.digest} ${indices}`,
      images: (chosen) => images.images(places(chosen)),
      pixels: (chosen) => images.pixels(places(chosen)),
      ...(images.truth && { truth: (index) => images.truth!(indices[index]!) }),
    },
    explainer,
    attributions: {
      ...attributions,
      ids: take(attributions.ids),
      classIndex: take(attributions.classIndex),
      values: takeRows(attributions.values, indices),
    },
    concepts: takeOfBanks(concepts, indices),
    nullConcepts: takeOfBanks(nullConcepts, indices),
    otherConcepts: takeOfBanks(otherConcepts, indices),
  };
}

function takeOfBanks(banks: readonly ConceptBank[], indices: readonly number[]): readonly ConceptBank[] {
  return banks.map((bank) => ({
    ...bank,
    ids: indices.map((index) => bank.ids[index]!),
    crops: indices.map((_, image) => ({ image, top: 0, left: 0, size: 4 })),
    codes: takeRows(bank.codes, indices),
    maps: takeRows(bank.maps, indices),
    importance: takeRows(bank.importance, indices),
    importanceError: takeRows(bank.importanceError, indices),
  }));
}

async function measure(metricFor: MetricFor, inputs: MetricInputs): Promise<readonly Measurement[]> {
  return (await metricFor()).measure(inputs);
}
