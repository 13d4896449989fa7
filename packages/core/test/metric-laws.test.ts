import { type Measurement, type Metric, type MetricInputs, ndArray } from '@espalier/core';
import { describeMetric, type MetricFor, metricLaws } from '@espalier/core/testing';
import { expect, test } from 'vitest';

let calls = 0;

// Each law must catch the mistake it exists for.
const broken: Record<keyof typeof metricLaws, MetricFor> = {
  'keeps what its port promises of scores: names, ranges, one finite value for every sample, or why it has none': () =>
    metric(({ values }) => values.slice(1), { ids: Array.from({ length: 5 }, (_, i) => `toy/${i + 1}`) }),
  'has an answer for a network that is dead: values, or none with the reason': () =>
    metric(({ values }) => values.map((value) => value / Math.max(...values))),
  'has an answer for maps that are one constant everywhere: values, or none with the reason': () =>
    metric(({ values, attributions }) => {
      const span = Math.max(...attributions.values.data) - Math.min(...attributions.values.data);
      return values.map(() => (span - span / 2) / span);
    }),
  'has an answer for banks of signed codes with an offset: values, or a refusal in words': () => ({
    async measure(inputs) {
      const [scores] = await good().measure(inputs);
      const strengths = inputs.concepts!.map(({ codes }) => Math.sqrt(Math.min(...codes.data)));
      return [{ ...scores!, values: scores!.values.map((value) => value + strengths[0]!) }];
    },
  }),
  'gives the same scores every time': () => metric(({ values }) => values.map((value) => value / ++calls)),
  'scores an image alone as it scores it among others, to the last bit': () =>
    // Quantus's mistake: dividing by the largest value of the batch.
    metric(({ values }) => values.map((value) => value / Math.max(...values))),
  'tells an explainer that it asks again whose images they are': () => ({
    async measure(inputs) {
      const images = await inputs.images!.images([0, 1]);
      await inputs.explainer!.explain(inputs.model!, images, [0, 1]);
      return good().measure(inputs);
    },
  }),
  'has no value for an image that the model gets wrong, where models are compared on those that all get right': () =>
    metric(({ values }) => values, { comparedOn: 'correct-by-all' }),
  'leaves its inputs as they were': () =>
    metric(({ values, attributions }) => {
      attributions.values.data.sort();
      return values;
    }),
};

test.each(Object.entries(broken))('"%s" catches a metric that breaks it', async (law, metricFor) => {
  await expect(metricLaws[law]!(metricFor)).rejects.toThrow();
});

test('every law has its broken metric', () => {
  expect(Object.keys(broken)).toEqual(Object.keys(metricLaws));
});

test('the law of batches looks at curves and at other definitions, too', async () => {
  const law = metricLaws['scores an image alone as it scores it among others, to the last bit']!;
  const about = (change: (ids: readonly string[]) => Partial<Measurement>) => () => ({
    measure: async (inputs: Partial<MetricInputs>) =>
      (await good().measure(inputs)).map((scores) => ({ ...scores, ...change(scores.ids) })),
  });
  const counts = (ids: readonly string[]) => ids.map(() => ids.length);
  const curve = about((ids) => ({
    curve: { x: 'place', y: 'count', at: [0], values: ndArray('n s', [ids.length, 1], Float32Array.from(counts(ids))) },
  }));
  const definition = about((ids) => ({
    definitions: [{ name: 'by count', settings: { by: 'count' }, values: counts(ids) }],
  }));
  for (const broken of [curve, definition]) await expect(law(broken)).rejects.toThrow('in [3]');
});

test('what a clock says may be another number every time, and nothing else of it may', async () => {
  const law = metricLaws['gives the same scores every time']!;
  const timed = (more: () => Partial<Measurement>) => () => ({
    measure: async (inputs: Partial<MetricInputs>) =>
      (await good().measure(inputs)).map((scores) => ({ ...scores, isTiming: true as const, ...more() })),
  });
  await law(timed(() => ({ values: Array(6).fill(++calls) })));
  await expect(law(timed(() => ({ aspect: `${++calls}` })))).rejects.toThrow();
});

describeMetric('a mean of absolute values', good);

function good(): Metric {
  return metric(({ values }) => values);
}

/** Measurement images by the mean absolute attribution, which is below 1 here, changed by `change`. */
function metric(
  change: (state: { values: number[]; attributions: MetricInputs['attributions'] }) => number[],
  more: Partial<Measurement> = {},
): Metric {
  return {
    async measure({ attributions }) {
      const size = 8 * 8 * 3;
      const values = attributions!.ids.map((_, i) => {
        const map = attributions!.values.data.subarray(i * size, (i + 1) * size);
        return map.reduce((sum, value) => sum + Math.abs(value), 0) / size;
      });
      return [
        {
          metric: 'mean-attribution',
          words: { name: 'Mean attribution', meaning: 'Mean absolute value of a map.' },
          aspect: 'strength',
          role: 'primary',
          direction: 'neither',
          range: [0, 1],
          sample: 'image',
          ids: attributions!.ids,
          values: change({ values, attributions: attributions! }),
          summary: 'mean',
          ...more,
        },
      ];
    },
  };
}
