import {
  createFrom,
  type Explainer,
  type Explanation,
  labelOf,
  labelText,
  type Model,
  ndArray,
  parseOptions,
  plainServices,
  randomStream,
} from '@espalier/core';
import { describeExplainer, toyModel } from '@espalier/core/testing';
import { integratedGradients, stopCodes } from '@espalier/explainer-ig';
import { describe, expect, test } from 'vitest';
import { denseModel } from './dense-model.ts';
import { reference } from './reference.ts';

const create = (options: object): Promise<Explainer> => createFrom(integratedGradients, options, plainServices());

for (const [name, options] of Object.entries({
  defaults: {},
  black: { baseline: { name: 'black' }, rule: 'trapezoid', steps: 5 },
  blur: { baseline: { name: 'blur', sigma: 0.2 }, rule: 'riemann-left', steps: 5 },
  uniform: { baseline: { name: 'uniform', draws: 3 }, rule: 'riemann-right', steps: 4, pointsPerCall: 5 },
  tolerance: { tolerance: 1e-3, rule: 'riemann-middle', steps: 3 },
  quantus: { rule: 'captum-trapezoid', steps: 10 },
})) {
  describeExplainer(`integrated gradients, ${name},`, () => create(options));
}

describe.each([
  ['a fixed rule', { steps: 5, pointsPerCall: 2 }, 0.4],
  ['uniform baselines', { steps: 4, pointsPerCall: 2, baseline: { name: 'uniform', draws: 2 } }, 0.25],
  // The first pass counts for half, the finer ones for what is left.
  ['refinement', { steps: 2, pointsPerCall: 2, rule: 'riemann-middle', tolerance: 1e-9, maxSteps: 20 }, 0.5],
] as const)('%s', (_, options, first) => {
  test('tells after every call of the model how far it is, from image to image', async () => {
    const told: number[] = [];
    const model = toyModel();
    const { height, width, channels } = model.input;
    const images = ndArray('n h w c', [2, height, width, channels]);
    images.data.forEach((__, i) => {
      images.data[i] = ((7 * i) % 11) / 11;
    });
    await (await create(options)).explain(model, images, [0, 1], (done) => told.push(done));
    expect(told[0]).toBe(first);
    expect(told.at(-1)).toBe(2);
    expect(told).toContain(1);
    expect(told).toContain(1 + first);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
  });
});

describe('f = sum of squares', () => {
  // Attributions are x^2 for a black baseline: the gradient 2x is linear, so every symmetric rule is exact.
  const squares: Model = {
    ...toyModel(),
    input: { height: 1, width: 2, channels: 3, mean: [0.5, 0.5, 0.5], std: [1, 1, 1] },
    predict: async ({ data, shape }) =>
      ndArray(
        'n k',
        [shape[0]!, 1],
        Float32Array.from({ length: shape[0]! }, (_, n) =>
          data.subarray(6 * n, 6 * n + 6).reduce((sum, x) => sum + x * x, 0),
        ),
      ),
    inputGradient: async ({ data, shape }) =>
      ndArray(
        'n h w c',
        shape,
        data.map((x) => 2 * x),
      ),
  };
  const image = ndArray('n h w c', [1, 1, 2, 3], Float32Array.of(0, 0.25, 0.5, 0.75, 1, 0.125));
  const explain = async (options: object) => (await create(options)).explain(squares, image, [0]);

  test.each([
    ['gauss-legendre', 1],
    ['gauss-legendre', 2],
    ['trapezoid', 2],
    ['riemann-middle', 3],
  ])('%s with %i steps is exact', async (rule, steps) => {
    const { values, diagnostics } = await explain({ rule, steps, baseline: { name: 'black' } });
    values.data.forEach((value, i) => {
      expect(value).toBeCloseTo(image.data[i]! ** 2, 6);
    });
    expect(diagnostics.delta![0]).toBeCloseTo(0, 6);
  });

  test('from the mean image it is x^2 - 1/4', async () => {
    const { values } = await explain({ steps: 2 });
    values.data.forEach((value, i) => {
      expect(value).toBeCloseTo(image.data[i]! ** 2 - 0.25, 6);
    });
  });

  test('a right Riemann sum of n steps overshoots by 1/n, and says so', async () => {
    const { diagnostics } = await explain({ rule: 'riemann-right', steps: 4, baseline: { name: 'black' } });
    expect(diagnostics.delta![0]).toBeCloseTo(image.data.reduce((sum, x) => sum + x * x, 0) / 4, 6);
  });
});

describe('Captum 0.9 on a network with one hidden layer', () => {
  const { images, classes, attributions, ...weights } = reference.captum;
  const batch = ndArray('n h w c', [2, 2, 2, 3], Float32Array.from(images));

  // Gradients cross the port as float32; a ReLU that a path point meets within rounding could flip, and none does here.
  test.each(attributions)('$rule, $steps steps', async ({ rule, steps, values, delta }) => {
    const explained = await (await create({ rule, steps })).explain(denseModel(weights), batch, classes);
    explained.values.data.forEach((value, i) => {
      expect(Math.abs(value - values[i]!)).toBeLessThan(1e-5);
    });
    delta.forEach((expected, n) => {
      expect(Math.abs(explained.diagnostics.delta![n]! - expected)).toBeLessThan(1e-5);
    });
  });
});

describe('completeness', () => {
  const model = toyModel(2);
  const stream = randomStream(1, 'completeness');
  const images = ndArray(
    'n h w c',
    [3, 8, 8, 3],
    Float32Array.from({ length: 576 }, () => 3 * stream.uniform() - 1),
  );
  const explain = async (options: object): Promise<Explanation> =>
    (await create(options)).explain(model, images, [0, 1, 2]);

  test.each(['black', 'mean', 'blur', 'uniform'])(
    'from a %s baseline: delta is the sum minus the change of the logit',
    async (name) => {
      const { values, diagnostics } = await explain({ steps: 3, baseline: { name } });
      const deltas = diagnostics.delta!;
      expect(deltas.length).toBe(3);
      const finer = await explain({ steps: 400, baseline: { name } });
      [0, 1, 2].forEach((n) => {
        const [coarse, fine] = [values, finer.values].map(({ data }) =>
          data.subarray(192 * n, 192 * n + 192).reduce((sum, value) => sum + value, 0),
        );
        expect(deltas[n]! - finer.diagnostics.delta![n]!).toBeCloseTo(coarse! - fine!, 4);
      });
      expect(Math.max(...finer.diagnostics.delta!.map(Math.abs))).toBeLessThan(2e-3);
    },
  );

  test.each(['gauss-legendre', 'trapezoid', 'riemann-left', 'riemann-right', 'riemann-middle'])(
    '%s is refined until it holds',
    async (rule) => {
      const { diagnostics } = await explain({ rule, steps: 2, tolerance: 2e-3, maxSteps: 5000 });
      expect(diagnostics.stop).toEqual([stopCodes.tolerance, stopCodes.tolerance, stopCodes.tolerance]);
      expect(Math.max(...diagnostics.delta!.map(Math.abs))).toBeLessThanOrEqual(2e-3);
      expect(Math.max(...diagnostics.steps!)).toBeGreaterThan(2);
    },
  );

  test('refinement stops at the limit and says so', async () => {
    const { diagnostics } = await explain({ rule: 'trapezoid', steps: 2, tolerance: 1e-9, maxSteps: 9 });
    expect(diagnostics.stop).toEqual([stopCodes.limit, stopCodes.limit, stopCodes.limit]);
    expect(diagnostics.steps).toEqual([9, 9, 9]);
  });

  test('a refined map is the map of the finer rule', async () => {
    const refined = await explain({ rule: 'trapezoid', steps: 2, tolerance: 1e-9, maxSteps: 9 });
    const direct = await explain({ rule: 'trapezoid', steps: 9 });
    refined.values.data.forEach((value, i) => {
      expect(value).toBeCloseTo(direct.values.data[i]!, 6);
    });
  });
});

test('asks the model about at most `pointsPerCall` points at once, and about no more than it needs', async () => {
  const asked: number[] = [];
  const model = toyModel();
  const watched: Model = {
    ...model,
    inputGradient: (images, classIndex) => {
      asked.push(images.shape[0]!);
      return model.inputGradient(images, classIndex);
    },
  };
  const explainer = await create({ steps: 10, pointsPerCall: 8, baseline: { name: 'uniform', draws: 2 } });
  await explainer.explain(watched, ndArray('n h w c', [2, 8, 8, 3]), [0, 0]);
  expect(asked).toEqual([8, 8, 4, 8, 8, 4]);
});

test('stops when the host says so', async () => {
  const services = plainServices({ signal: AbortSignal.abort(new Error('enough')) });
  const explainer = await createFrom(integratedGradients, {}, services);
  await expect(explainer.explain(toyModel(), ndArray('n h w c', [1, 8, 8, 3]), [0])).rejects.toThrow('enough');
});

test('explains every model from the same noise, whatever the seed of its node', async () => {
  const images = ndArray('n h w c', [1, 8, 8, 3]);
  const from = async (nodeSeed: number, seed: number) => {
    const options = { steps: 4, baseline: { name: 'uniform', draws: 2, seed } };
    const explainer = await createFrom(integratedGradients, options, plainServices({ seed: nodeSeed }));
    return (await explainer.explain(toyModel(), images, [0])).values;
  };
  expect(await from(1, 0)).toEqual(await from(2, 0));
  expect(await from(1, 0)).not.toEqual(await from(1, 1));
});

test('its label is the preset with all that was changed in it', () => {
  const text = (asked: object) => labelText(labelOf(integratedGradients, parseOptions(integratedGradients, asked)));
  expect(text({})).toBe('corrected');
  expect(text({ steps: 50, pointsPerCall: 4 })).toBe('corrected');
  expect(text({ steps: 1, tolerance: 0.1 })).toBe('corrected (steps=1; tolerance=0.1)');
  expect(text({ preset: 'quantus-0.5.3' })).toBe('quantus-0.5.3');
  const blurred = { preset: 'captum', baseline: { name: 'blur', sigma: 0.1 } };
  expect(text(blurred)).toBe('captum (baseline.name=blur; baseline.sigma=0.1)');
});

test.each([
  ['corrected', { rule: 'gauss-legendre', steps: 50 }],
  ['captum', { rule: 'gauss-legendre', steps: 50 }],
  ['quantus-0.5.3', { rule: 'captum-trapezoid', steps: 10 }],
])('the preset %s is that rule with that many steps', async (preset, options) => {
  const images = ndArray(
    'n h w c',
    [1, 8, 8, 3],
    Float32Array.from({ length: 192 }, (_, i) => (i * 0.37) % 1),
  );
  const maps = async (asked: object) => (await create(asked)).explain(toyModel(), images, [1]);
  expect(await maps({ preset })).toEqual(await maps(options));
});

test('one ReLU that opens on the way, worked by hand', async () => {
  // logit = relu(2 x0 - 1): from a black image to x0 = 1 the unit is off for half of the path, so the gradient is 2 for
  // half of it, and the attribution of x0 is 1, the change of the logit. A rule with a point on either side has a share.
  const kernel = Array.from({ length: 12 }, (_, i) => (i === 0 ? 2 : 0));
  const model = denseModel({ kernel, bias: [-1], dense: [1] });
  const image = ndArray(
    'n h w c',
    [1, 2, 2, 3],
    Float32Array.from({ length: 12 }, (_, i) => Number(i === 0)),
  );
  for (const [rule, steps, share, delta] of [
    ['riemann-middle', 4, 1, 0],
    ['gauss-legendre', 2, 1, 0],
    ['riemann-right', 5, 1.2, 0.2], // points 0.6, 0.8 and 1 of five
    ['captum-trapezoid', 10, 0.9, -0.1], // the right half of the points, with weights that add up to 0.9
  ] as const) {
    const explained = await (await create({ rule, steps, baseline: { name: 'black' } })).explain(model, image, [0]);
    expect(explained.values.data[0], rule).toBeCloseTo(share, 6);
    expect(explained.diagnostics.delta![0], rule).toBeCloseTo(delta, 6);
    expect([...explained.values.data.slice(1)]).toEqual(Array(11).fill(0));
  }
});

describe('refuses', () => {
  test('images of another size than classes or model', async () => {
    const explainer = await create({});
    await expect(
      explainer.explain(toyModel(), ndArray('n h w c', [1, 8, 8, 3]), [0, 1]),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[StudyError: images for integrated gradients: expected the shape [2, 8, 8, 3] (n h w c), found [1, 8, 8, 3].]`,
    );
  });

  test('rules that cannot be', async () => {
    await expect(create({ rule: 'trapezoid', steps: 1 })).rejects.toThrowErrorMatchingInlineSnapshot(`
      [StudyError: Options of the explainer "integrated-gradients" are not valid:
      ✖ a trapezoid needs at least 2 steps, one at each end
        → at steps]
    `);
    await expect(create({ rule: 'captum-trapezoid', tolerance: 0.1 })).rejects.toThrowErrorMatchingInlineSnapshot(`
      [StudyError: Options of the explainer "integrated-gradients" are not valid:
      ✖ the weights of captum-trapezoid do not add up to 1, so refining it meets no tolerance; use trapezoid
        → at tolerance]
    `);
    await expect(create({ baseline: { name: 'gray' }, stepz: 3 })).rejects.toThrowErrorMatchingInlineSnapshot(`
      [StudyError: Options of the explainer "integrated-gradients" are not valid:
      ✖ Unrecognized key: "stepz"
      ✖ Invalid discriminator value. Expected 'black' | 'mean' | 'blur' | 'uniform'
        → at baseline.name]
    `);
  });
});
