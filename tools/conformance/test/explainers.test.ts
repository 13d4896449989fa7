import { createFrom, plainServices, reduceChannels, rows } from '@espalier/core';
import { integratedGradients } from '@espalier/explainer-ig';
import { saliency } from '@espalier/explainer-vg';
import { describe, expect, test } from 'vitest';
import {
  explainedImages,
  fewOrAll,
  hasReference,
  hasTensorflow,
  largestDifference,
  readReference,
  referenceModel,
  relativeDistance,
} from './reference.ts';

// wasm sums in another order than PyTorch and is many times slower: a looser bar, and fewer images. The long path of 50 points
// is the same code there as the short one.
describe.each([
  { engine: 'tensorflow', tolerance: 2e-3, most: fewOrAll(2), mostLong: fewOrAll(1) },
  { engine: 'wasm', tolerance: 5e-3, most: fewOrAll(1), mostLong: fewOrAll(0) },
] as const)('explainers on $engine against PyTorch and Captum', ({ engine, tolerance, most, mostLong }) => {
  const skipped = !hasReference || (engine === 'tensorflow' && !hasTensorflow);
  const reason = hasReference ? 'no native TensorFlow' : 'no reference values';

  test.skipIf(skipped)(
    `vanilla gradients (skipped when: ${reason})`,
    async () => {
      using model = await referenceModel(engine);
      const { images, labels, expected } = explainedImages('gradient_nhwc', most);
      const explainer = await createFrom(saliency, {}, plainServices());
      const { values } = await explainer.explain(model, images, labels);
      const distances = labels.map((_, n) =>
        relativeDistance(rows(values, n, n + 1).data, rows(expected, n, n + 1).data),
      );
      expect(Math.max(...distances)).toBeLessThan(tolerance);
    },
    300_000,
  );

  test.skipIf(skipped || mostLong === 0)(
    `integrated gradients, 50 Gauss-Legendre points, and their delta (skipped when: ${reason}, or on wasm unless all images are asked for)`,
    async () => {
      using model = await referenceModel(engine);
      const { images, labels, expected } = explainedImages('ig_gausslegendre50_nhwc', mostLong);
      const explainer = await createFrom(integratedGradients, {}, plainServices());
      const { values, diagnostics } = await explainer.explain(model, images, labels);
      expect(relativeDistance(values.data, expected.data)).toBeLessThan(tolerance);
      expect(largestDifference(diagnostics.delta!, readReference().ig_gausslegendre50_delta)).toBeLessThan(1e-2);
    },
    300_000,
  );

  test.skipIf(skipped)(
    `integrated gradients as Quantus calls Captum, summed over channels (skipped when: ${reason})`,
    async () => {
      using model = await referenceModel(engine);
      const { images, labels, expected } = explainedImages('ig_trapezoid10_channelsum', most);
      const explainer = await createFrom(integratedGradients, { rule: 'captum-trapezoid', steps: 10 }, plainServices());
      const { values } = await explainer.explain(model, images, labels);
      const map = reduceChannels({ values, reduction: explainer.reduction });
      expect(relativeDistance(map.data, expected.data)).toBeLessThan(tolerance);
    },
    300_000,
  );
});
