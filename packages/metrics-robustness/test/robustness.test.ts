import { readFileSync } from 'node:fs';
import {
  type Attributions,
  createFrom,
  type Explainer,
  type Model,
  ndArray,
  plainServices,
  rows,
  type Services,
} from '@espalier/core';
import { describeMetric, type HiddenLayer, hiddenLayer, toyInputs } from '@espalier/core/testing';
import {
  infidelity,
  infidelityOf,
  maxSensitivity,
  movesOf,
  type Scaling,
  squaredMisfit,
} from '@espalier/metrics-robustness';
import { describe, expect, test } from 'vitest';

for (const preset of ['corrected', 'captum'])
  describeMetric(`infidelity (${preset})`, () =>
    createFrom(infidelity, { preset, samples: 5, imagesPerCall: 2 }, plainServices()),
  );
for (const preset of ['corrected', 'captum'])
  describeMetric(`max-sensitivity (${preset})`, () =>
    createFrom(maxSensitivity, { preset, samples: 3, imagesPerCall: 2 }, plainServices()),
  );

interface Captum extends HiddenLayer {
  readonly normal: readonly number[];
  readonly uniform: readonly number[];
  readonly places: readonly number[];
  readonly sigma: number;
  readonly radius: number;
  readonly samples: number;
  readonly infidelity: readonly {
    readonly perturbation: 'noise' | 'square';
    readonly unit: 'logit' | 'logit-per-normalised';
    readonly scaling: Scaling;
    readonly values: readonly number[];
  }[];
  readonly sensitivity: readonly number[];
}

/** tools/reference/robustness.py: Captum 0.9.0, in double precision. */
const captum: Captum = JSON.parse(readFileSync(new URL('fixtures/captum.json', import.meta.url), 'utf8'));
const size = captum.side ** 2 * 3;
const { model: network, images: pictures } = hiddenLayer(captum);
const from = (numbers: readonly number[], start: number) => {
  let next = start;
  return () => numbers[next++]!;
};

describe('Captum 0.9, with the same perturbations', () => {
  test.each(captum.infidelity)('infidelity: $perturbation, $unit, $scaling', async (expected) => {
    const { perturbation, unit, scaling, values } = expected;
    const slopes = await network.inputGradient(pictures, captum.targets);
    for (const [n, value] of values.entries()) {
      const image = rows(pictures, n, n + 1).data;
      const factor = (i: number) =>
        captum.std[i % 3]! * (unit === 'logit' ? (image[i]! - captum.mean[i % 3]!) / captum.std[i % 3]! : 1);
      const map = rows(slopes, n, n + 1).data.map((slope, i) => slope * factor(i));
      const { misfit } = await infidelityOf(
        network,
        { image, map, unit, classIndex: captum.targets[n]!, id: `${n}` },
        { perturbation, side: 0.5, sigma: captum.sigma, samples: captum.samples, imagesPerCall: 4, scaling },
        {
          normal: from(captum.normal, n * captum.samples * size),
          integer: from(captum.places, n * captum.samples * 2),
        },
      );
      expect(misfit / value).toBeCloseTo(1, 4); // logits are float32 here
    }
  });

  test('max-sensitivity', async () => {
    for (const [n, value] of captum.sensitivity.entries()) {
      const explain = async (batch: readonly Float32Array[]) => {
        const array = ndArray('n h w c', [batch.length, captum.side, captum.side, 3]);
        batch.forEach((one, i) => {
          array.data.set(one, i * size);
        });
        const gradient = await network.inputGradient(
          array,
          batch.map(() => captum.targets[n]!),
        );
        return batch.map((_, i) => rows(gradient, i, i + 1).data.map((slope, j) => slope * captum.std[j % 3]!));
      };
      const moves = await movesOf(
        rows(pictures, n, n + 1).data,
        explain,
        network,
        { unit: 'normalised', radius: captum.radius, samples: captum.samples, imagesPerCall: 4 },
        { uniform: from(captum.uniform, n * captum.samples * size) },
      );
      expect(Math.max(...moves!)).toBeCloseTo(value, 5);
    }
  });
});

/** logits[k] = sum of (k + 1) z[i] (i + 1) / 100: what its slopes foretell is what happens. */
const mean = [0.4, 0.5, 0.6];
const std = [0.2, 0.3, 0.4];
const linear: Model = {
  ...toyInputs().model,
  input: { height: 8, width: 8, channels: 3, mean, std },
  predict: async ({ data, shape }) => {
    const logit = (n: number, k: number) =>
      data
        .subarray(n * 192, n * 192 + 192)
        .reduce((sum, x, i) => sum + ((k + 1) * ((x - mean[i % 3]!) / std[i % 3]!) * (i + 1)) / 100, 0);
    return ndArray(
      'n k',
      [shape[0]!, 3],
      Float32Array.from({ length: shape[0]! * 3 }, (_, i) => logit(Math.floor(i / 3), i % 3)),
    );
  },
};

describe('a linear network is foretold wholly by maps that say what they are numbers of', () => {
  const { images, attributions } = toyInputs();
  const mapOf = async (unit: NonNullable<Attributions['unit']>): Promise<Attributions> => {
    const { data } = await images.images([...images.ids.keys()]);
    const values = data.map((x, at) => {
      const [n, i] = [Math.floor(at / 192), at % 192];
      const slope = ((images.labels[n]! + 1) * (i + 1)) / 100;
      const deviation = std[i % 3]!;
      if (unit === 'logit') return (slope * (x - mean[i % 3]!)) / deviation;
      return unit === 'logit-per-pixel' ? slope / deviation : slope;
    });
    return { ...attributions, unit, values: ndArray('n h w c', attributions.values.shape, values) };
  };

  test.each([
    ['logit-per-pixel', 'noise'],
    ['logit-per-pixel', 'square'],
    ['logit-per-normalised', 'noise'],
    ['logit-per-normalised', 'square'],
    ['logit', 'square'],
  ] as const)('%s, %s', async (unit, perturbation) => {
    const options = { perturbation, scaling: 'none', samples: 8, reads: 'logit' }; // what maps say goes first
    const metric = await createFrom(infidelity, options, plainServices());
    const [share] = await metric.measure({ model: linear, images, attributions: await mapOf(unit) });
    expect(Math.max(...share!.values)).toBeLessThan(1e-8);
  });

  test('a map of the opposite foretells nothing, unless it may be turned round', async () => {
    const map = await mapOf('logit');
    const opposite = { ...map, values: { ...map.values, data: map.values.data.map((value) => -3 * value) } };
    const shareOf = async (scaling: Scaling) => {
      const metric = await createFrom(infidelity, { scaling, samples: 8 }, plainServices());
      return (await metric.measure({ model: linear, images, attributions: opposite }))[0]!.values;
    };
    expect(await shareOf('non-negative')).toEqual(Array(6).fill(1));
    expect(Math.max(...(await shareOf('optimal')))).toBeLessThan(1e-8);
  });
});

test('the fit, slowly: no other scale is better', () => {
  const [foretold, happened] = [
    [1, -2, 0.5, 3],
    [0.4, -1, 1, 2],
  ];
  const at = (scale: number) => foretold.reduce((sum, s, i) => sum + (scale * s - happened[i]!) ** 2, 0) / 4;
  const { misfit, share } = squaredMisfit(foretold, happened, 'optimal');
  const tried = Array.from({ length: 4001 }, (_, i) => at(i / 1000 - 2));
  expect(misfit).toBeLessThanOrEqual(Math.min(...tried));
  expect(misfit).toBeCloseTo(Math.min(...tried), 5);
  expect(share).toBeCloseTo(misfit / ((0.16 + 1 + 1 + 4) / 4), 12);
  expect(squaredMisfit(foretold, happened, 'none').misfit).toBeCloseTo(at(1), 12);
  expect(squaredMisfit([0, 0], [1, 3], 'optimal')).toEqual({ misfit: 5, share: 1 });
  expect(squaredMisfit([1, 2], [0, 0], 'none')).toEqual({ misfit: 2.5, share: null });
});

test('arms are perturbed alike: by the paired seed, not by that of the arm', async () => {
  const inputs = toyInputs();
  const made = [
    (services: Services) => createFrom(infidelity, { samples: 4 }, services),
    (services: Services) => createFrom(maxSensitivity, { samples: 4 }, services),
  ];
  for (const metricFor of made) {
    const valuesOf = async (services: Partial<Services>) =>
      (await (await metricFor(plainServices(services))).measure(inputs))[0]!.values;
    const values = await valuesOf({ seed: 1 });
    expect(await valuesOf({ seed: 2 })).toEqual(values);
    expect(await valuesOf({ pairedSeed: 2 })).not.toEqual(values);
  }
});

test('what does not say what it foretells is refused, and shares of the logit foretell nothing of noise', async () => {
  const inputs = toyInputs();
  const measure = async (options: object, unit?: Attributions['unit']) =>
    (await createFrom(infidelity, options, plainServices())).measure({
      ...inputs,
      attributions: { ...inputs.attributions, unit },
    });
  await expect(measure({})).rejects.toThrowErrorMatchingInlineSnapshot(
    `[StudyError: Infidelity holds a map to what it foretells, and the maps of "toy/noise" do not say what they are numbers of. Set "reads"; "logit" takes them for shares of the logit, up to a scale.]`,
  );
  await expect(measure({ preset: 'captum' }, 'logit')).rejects.toThrowErrorMatchingInlineSnapshot(
    `[StudyError: The maps of "toy/noise" are shares of the logit: they foretell what is lost where pixels go, and nothing about noise. Set "perturbation" to "square".]`,
  );
});

test('a network that nothing moves has no share, and a map of zeros no sensitivity', async () => {
  const inputs = toyInputs();
  const still: Model = { ...inputs.model, predict: async ({ shape }) => ndArray('n k', [shape[0]!, 3]) };
  const [share, misfit] = await (await createFrom(infidelity, {}, plainServices())).measure({
    ...inputs,
    model: still,
  });
  expect(share).toMatchObject({
    ids: [],
    omitted: [{ reason: 'no perturbation changes the logit', ids: inputs.images.ids }],
  });
  expect(misfit!.ids).toEqual(inputs.images.ids);
  const zeros: Explainer = {
    reduction: 'sum',
    explain: async (_, { shape }) => ({ values: ndArray('n h w c', shape), diagnostics: {} }),
  };
  const [moves] = await (await createFrom(maxSensitivity, {}, plainServices())).measure({
    ...inputs,
    explainer: zeros,
  });
  expect(moves).toMatchObject({ ids: [], omitted: [{ reason: 'the map is zero everywhere', ids: inputs.images.ids }] });
});
