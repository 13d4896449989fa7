import { randomStream } from '@espalier/core';
import { describe, expect, test } from 'vitest';
import type { Ops, Tensor } from '../src/ops.ts';
import { expectSame, inputsOf, tolerances, type Values } from './engine-comparison.ts';
import { engines } from './support/tested-engines.ts';

const geometries = [
  { name: '3x3 stride 1', size: 3, stride: 1, padding: 1, h: 7, w: 6, inputs: 5, outputs: 8 },
  { name: '3x3 stride 2, even', size: 3, stride: 2, padding: 1, h: 8, w: 8, inputs: 16, outputs: 32 },
  { name: '3x3 stride 2, odd', size: 3, stride: 2, padding: 1, h: 7, w: 9, inputs: 4, outputs: 3 },
  { name: '7x7 stride 2, the stem', size: 7, stride: 2, padding: 3, h: 16, w: 18, inputs: 3, outputs: 8 },
  { name: '1x1 stride 2, a shortcut', size: 1, stride: 2, padding: 0, h: 6, w: 5, inputs: 6, outputs: 7 },
  { name: '1x1 stride 1', size: 1, stride: 1, padding: 0, h: 3, w: 3, inputs: 2, outputs: 2 },
  { name: '3x3 no padding', size: 3, stride: 1, padding: 0, h: 5, w: 4, inputs: 3, outputs: 4 },
  { name: '3x3 few places', size: 3, stride: 1, padding: 1, h: 2, w: 3, inputs: 6, outputs: 7 },
  { name: '3x3 stride 2, few places', size: 3, stride: 2, padding: 1, h: 5, w: 4, inputs: 5, outputs: 6 },
  { name: '2x2 one place', size: 2, stride: 2, padding: 0, h: 2, w: 2, inputs: 1, outputs: 1 },
];

const pools = [
  { name: 'the stem', height: 3, width: 3, stride: 2, padding: 1, h: 8, w: 6 },
  { name: 'odd', height: 3, width: 3, stride: 2, padding: 1, h: 7, w: 5 },
  { name: 'a window that is not square', height: 1, width: 3, stride: 2, padding: 0, h: 7, w: 5 },
  { name: '2x2', height: 2, width: 2, stride: 2, padding: 0, h: 6, w: 4 },
];

describe.each(engines)('$name keeps to the formulas$reason', ({ ops: engine }) => {
  const ops = engine!; // only used where the tests below are not skipped
  const dtypes = (['float32', 'bfloat16'] as const).filter((dtype) => dtype === 'float32' || engine?.hasBfloat16);

  describe.each(dtypes)('%s', (dtype) => {
    const tolerance = tolerances[dtype];

    test.skipIf(!engine).each(geometries)('convolution, $name', ({ size, h, w, inputs, outputs, ...window }) => {
      expectSame(
        ops,
        (each) =>
          each.scope(() => {
            const make = inputsOf(each, dtype);
            const x = make('x', [2, h, w, inputs]);
            const kernel = make('kernel', [size, size, inputs, outputs]);
            const bias = make('bias', [outputs]);
            const y = each.convolve(x, kernel, window);
            const residual = make('residual', y.shape);
            const dy = make('dy', y.shape);
            return {
              y: each.download(y),
              fused: each.download(each.convolve(x, kernel, window, { bias, residual, relu: true })),
              biased: each.download(each.convolve(x, kernel, window, { bias })),
              dx: each.download(each.convolveInputGradient(dy, kernel, window, x.shape)),
              dKernel: each.download(each.convolveKernelGradient(dy, x, window, kernel.shape)),
            };
          }),
        tolerance,
      );
    });

    test.skipIf(!engine).each([1, 2, 5, 33])('convolution of %i maps of 2x2 by a frozen kernel', (n) => {
      expectSame(
        ops,
        (each) =>
          each.scope(() => {
            const make = inputsOf(each, dtype);
            const [x, kernel, bias] = [make('x', [n, 2, 2, 6]), make('kernel', [3, 3, 6, 5]), make('bias', [5])];
            const [residual, dy] = [make('residual', [n, 2, 2, 5]), make('dy', [n, 2, 2, 5])];
            const window = { stride: 1, padding: 1 };
            each.freeze(kernel);
            const results = {
              plain: each.download(each.convolve(x, kernel, window)),
              fused: each.download(each.convolve(x, kernel, window, { bias, residual, relu: true })),
              dx: each.download(each.convolveInputGradient(dy, kernel, window, x.shape)),
              strided: each.download(each.convolve(x, kernel, { stride: 2, padding: 1 })),
            };
            each.release(kernel);
            return results;
          }),
        tolerance,
      );
    });

    test.skipIf(!engine)('a map gives the same bits in any batch, by a frozen kernel', () => {
      ops.scope(() => {
        const make = inputsOf(ops, dtype);
        const kernel = make('kernel', [3, 3, 64, 64]);
        ops.freeze(kernel);
        const values = ops.download(make('x', [33, 2, 2, 64]));
        const first = (n: number) => {
          const x = ops.cast(ops.upload(values.slice(0, n * 256), [n, 2, 2, 64]), dtype);
          const y = ops.convolve(x, kernel, { stride: 1, padding: 1 });
          return [y, ops.convolveInputGradient(x, kernel, { stride: 1, padding: 1 }, x.shape)].map((each) =>
            ops.download(each).slice(0, 256),
          );
        };
        const alone = first(1);
        for (const n of [2, 3, 4, 7, 16, 33]) expect(first(n)).toEqual(alone);
        ops.release(kernel);
      });
    });

    test.skipIf(!engine)('the kernel gradient of a narrow strided shortcut is the same every time', () => {
      const once = () =>
        ops.scope(() => {
          const make = inputsOf(ops, dtype);
          const [x, dy] = [make('x', [16, 8, 8, 5]), make('dy', [16, 4, 4, 8])];
          return ops.download(ops.convolveKernelGradient(dy, x, { stride: 2, padding: 0 }, [1, 1, 5, 8]));
        });
      const first = once();
      for (let run = 0; run < 50; run++) expect(once()).toEqual(first);
    });

    // Rounded to quarters, so that windows hold ties.
    test.skipIf(!engine).each(pools)('max pool, $name, with ties and negative values', ({ h, w, ...window }) => {
      expectSame(
        ops,
        (each) =>
          each.scope(() => {
            const make = inputsOf(each, dtype);
            const x = make('x', [2, h, w, 16], (normal) => Math.round(4 * normal) / 4 - 1);
            const y = each.maxPool(x, window);
            const dy = make('dy', y.shape, (normal) => Math.round(4 * normal) / 4);
            return { y: each.download(y), dx: each.download(each.maxPoolGradient(dy, x, y, window)) };
          }),
        1e-9, // only copies, and sums of a few quarters
      );
    });

    test.skipIf(!engine).each([
      [2, 3, 4, 8],
      [2, 2, 1, 3],
    ])('BatchNorm of %i x %i x %i x %i', (...shape) => {
      expectSame(
        ops,
        (each) =>
          each.scope(() => {
            const make = inputsOf(each, dtype);
            const exact = inputsOf(each, 'float32');
            const channels = [shape[3]!];
            const x = make('x', shape, (normal) => 3 * normal + 1);
            const scale = exact('scale', channels, (normal) => 1 + normal / 4);
            const running = {
              runningMean: exact('mean', channels),
              runningVariance: exact('variance', channels, Math.abs),
            };
            const options = { momentum: 0.1, epsilon: 1e-5 };
            const result = each.batchNorm(x, { scale, shift: exact('shift', channels), ...running }, options);
            const { dx, dScale, dShift } = each.batchNormGradient(make('dy', shape), x, scale, result.saved, 1e-5);
            const named = {
              y: result.y,
              mean: result.runningMean,
              variance: result.runningVariance,
              dx,
              dScale,
              dShift,
            };
            return Object.fromEntries(Object.entries(named).map(([name, tensor]) => [name, each.download(tensor)]));
          }),
        dtype === 'float32' ? 2e-5 : 3e-2, // the gradient is a difference of larger terms
      );
    });

    test.skipIf(!engine)('everything that is not a window', () => {
      expectSame(
        ops,
        (each) =>
          each.scope(() => {
            const make = inputsOf(each, dtype);
            const [x, y] = [make('x', [2, 3, 2, 4]), make('y', [2, 3, 2, 4])];
            const [a, b] = [make('a', [3, 5]), make('b', [5, 4])];
            const [at, bt] = [make('at', [5, 3]), make('bt', [4, 5])];
            const relu = each.relu(x);
            const results = {
              relu,
              reluGradient: each.reluGradient(y, relu),
              add: each.add(x, y),
              multiply: each.multiply(x, y),
              addBias: each.addBias(x, make('bias', [4])),
              addBiasToRows: each.addBias(a, make('bias5', [5])),
              biasGradient: each.biasGradient(x),
              rowGradient: each.biasGradient(a),
              mean: each.spatialMean(x),
              meanGradient: each.spatialMeanGradient(a, 3, 2),
              product: each.matmul(a, b),
              transposedA: each.matmul(at, b, { a: true }),
              transposedB: each.matmul(a, bt, { b: true }),
              both: each.matmul(at, bt, { a: true, b: true }),
            };
            return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, each.download(tensor)]));
          }),
        tolerance,
      );
    });
  });

  test.skipIf(!engine).each([
    { nesterov: false, momentum: 0.9, weightDecay: 0.01 },
    { nesterov: true, momentum: 0.9, weightDecay: 0 },
    { nesterov: true, momentum: 0.5, weightDecay: 0.01 },
    { nesterov: false, momentum: 0, weightDecay: 0 },
    { nesterov: false, momentum: 0, weightDecay: 0.01 },
  ])('ten steps of SGD, nesterov $nesterov, momentum $momentum', (rule) => {
    expectSame(
      ops,
      (each) =>
        steps(each, 1, (weight, [velocity], gradient, step) => {
          each.applySgd(weight, velocity!, gradient, { ...rule, learningRate: 0.1 / step });
        }),
      1e-6,
    );
  });

  test.skipIf(!engine).each([
    { keptWeight: 1, squareCorrection: 1.5 },
    { keptWeight: 0.99, squareCorrection: 1 },
    { keptWeight: 1, squareCorrection: 0 },
  ])('ten steps of Adam, $keptWeight of the weight kept, second moment times $squareCorrection', (numbers) => {
    const epsilon = numbers.squareCorrection === 0 ? 1 : 1e-3;
    const rule = { beta1: 0.9, beta2: 0.99, epsilon, rate: 0.05, ...numbers };
    expectSame(
      ops,
      (each) =>
        steps(each, 2, (weight, [mean, square], gradient) => {
          each.applyAdam(weight, mean!, square!, gradient, rule);
        }),
      3e-6,
    );
  });

  test.skipIf(!engine)('an upload is a copy, and so is a download', () => {
    const data = Float32Array.of(1, 2, 3);
    ops.scope(() => {
      const tensor = ops.upload(data, [3]);
      data[0] = 9;
      ops.download(tensor)[1] = 9;
      expect([...ops.download(tensor)]).toEqual([1, 2, 3]);
    });
  });

  test.skipIf(!engine)('a variable read before an update keeps its old value', () => {
    const weight = ops.variable(Float32Array.of(1, 2), [2]);
    const velocity = ops.variable(new Float32Array(2), [2]);
    ops.scope(() => {
      const before = ops.read(weight);
      const rule = { learningRate: 1, momentum: 0, nesterov: false, weightDecay: 0 };
      ops.applySgd(weight, velocity, ops.upload(Float32Array.of(1, 1), [2]), rule);
      expect([...ops.download(before)]).toEqual([1, 2]);
      expect([...ops.download(weight)]).toEqual([0, 1]);
    });
    ops.release(weight, velocity);
  });

  test.skipIf(!engine)('a scope that throws leaves nothing behind', () => {
    const live = ops.live;
    const broken = () =>
      ops.scope((keep) => {
        keep(ops.upload(Float32Array.of(1), [1]));
        ops.scope(() => {
          ops.upload(Float32Array.of(2), [1]);
          throw new Error('stop');
        });
      });
    expect(() => ops.scope(broken)).toThrow('stop');
    expect(ops.live).toBe(live);
    expect(() => ops.upload(Float32Array.of(1), [1])).toThrow('outside every scope');
  });
});

type Step = (
  weight: ReturnType<Ops['variable']>,
  slots: ReturnType<Ops['variable']>[],
  gradient: Tensor,
  step: number,
) => void;

/** Ten updates of eleven weights by fixed gradients; the weight and its slots afterwards. */
function steps(ops: Ops, slotCount: number, apply: Step): Values {
  const stream = randomStream(2, 'gradients');
  const normal = () => Float32Array.from({ length: 11 }, () => stream.normal());
  const weight = ops.variable(normal(), [11]);
  const slots = Array.from({ length: slotCount }, () => ops.variable(new Float32Array(11), [11]));
  for (let step = 1; step <= 10; step++) ops.scope(() => apply(weight, slots, ops.upload(normal(), [11]), step));
  const values = { weight: ops.download(weight), slot: ops.download(slots.at(-1)!) };
  ops.release(weight, ...slots);
  return values;
}
