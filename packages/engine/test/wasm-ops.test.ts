import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Ops } from '../src/ops.ts';
import { openWasmOps } from '../src/wasm/wasm-ops.ts';
import { entry, expectSame, expectSameBits, normal, type Plain, run } from './wasm-comparison.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await openWasmOps();
});

describe('batchNorm', () => {
  const options = { momentum: 0.1, epsilon: 1e-5 };

  it.each([1, 3, 8, 10, 64])('agrees with the formulas on %i channels', (channels) => {
    const perChannel = ['scale', 'shift', 'mean', 'variance'].map((label) => normal(label, [channels]));
    const shape = [3, 5, 4, channels];
    expectSame(ops, [normal('x', shape), normal('dy', shape), ...perChannel], (each, x, dy, scale, shift, m, v) => {
      const parameters = { scale: scale!, shift: shift!, runningMean: m!, runningVariance: v! };
      const { y, runningMean, runningVariance, saved } = each.batchNorm(x!, parameters, options);
      const { dx, dScale, dShift } = each.batchNormGradient(dy!, x!, scale!, saved, options.epsilon);
      return [y, runningMean, runningVariance, dx, dScale, dShift];
    });
  });

  it('keeps its accuracy where the mean is a thousand times the deviation', () => {
    const x = { shape: [4, 8, 8, 4], data: normal('x', [4, 8, 8, 4]).data.map((value) => 1000 + value) };
    const [ones, zeros] = [1, 0].map((value) => ({ shape: [4], data: new Float32Array(4).fill(value) }));
    expectSame(
      ops,
      [x, ones!, zeros!],
      (each, a, one, zero) => {
        const parameters = { scale: one!, shift: zero!, runningMean: zero!, runningVariance: one! };
        return [each.batchNorm(a!, parameters, options).y];
      },
      3e-5, // the mean is kept to the float32 spacing at 1000
    );
  });
});

describe('maxPool and its gradient', () => {
  const pools = fc
    .record({
      images: fc.integer({ min: 1, max: 2 }),
      rows: fc.integer({ min: 1, max: 9 }),
      columns: fc.integer({ min: 1, max: 9 }),
      channels: fc.constantFrom(1, 3, 4, 8),
      height: fc.constantFrom(1, 2, 3),
      width: fc.constantFrom(1, 2, 3),
      stride: fc.constantFrom(1, 2),
      padding: fc.constantFrom(0, 1),
      ties: fc.boolean(),
    })
    .filter(
      ({ rows, columns, height, width, padding }) =>
        rows + 2 * padding >= height && columns + 2 * padding >= width && padding < Math.min(height, width),
    );

  it('agree with plain loops, ties included', () => {
    fc.assert(
      fc.property(pools, ({ images, rows, columns, channels, ties, ...window }) => {
        const x = normal('x', [images, rows, columns, channels]);
        const rounded = { ...x, data: x.data.map((value) => (ties ? Math.round(value) : value)) };
        expectSame(ops, [rounded], (each, a) => {
          const y = each.maxPool(a!, window);
          const dy = each.upload(normal('dy', y.shape).data, y.shape);
          return [y, each.maxPoolGradient(dy, a!, y, window)];
        });
      }),
      { numRuns: 100, seed: 2 },
    );
  });
});

describe('matmul', () => {
  const size = fc.integer({ min: 1, max: 20 });

  it('agrees with plain loops, each side transposed or not', () => {
    fc.assert(
      fc.property(size, size, size, fc.boolean(), fc.boolean(), (rows, depth, columns, a, b) => {
        const left = normal('left', a ? [depth, rows] : [rows, depth]);
        const right = normal('right', b ? [columns, depth] : [depth, columns]);
        expectSame(ops, [left, right], (each, x, y) => [each.matmul(x!, y!, { a, b })]);
      }),
      { numRuns: 100, seed: 3 },
    );
  });

  it('gives a row the same bits whatever the other rows', () => {
    const [x, kernel] = [normal('x', [7, 64]), normal('kernel', [64, 10])];
    const [y] = run(ops, [x, kernel], (_, a, b) => [ops.matmul(a!, b!)]);
    for (let n = 0; n < 7; n++) {
      expectSameBits(
        run(ops, [entry(x, n), kernel], (_, a, b) => [ops.matmul(a!, b!)]),
        [entry(y!, n)],
      );
    }
  });

  it('refuses sides that do not fit', () => {
    const multiply = () => run(ops, [normal('a', [2, 3]), normal('b', [2, 3])], (_, a, b) => [ops.matmul(a!, b!)]);
    expect(multiply).toThrow('Matrices of shapes [2, 3] and [2, 3] cannot be multiplied.');
  });
});

describe('the small operations', () => {
  it.each([[[3, 2, 2, 4]], [[3, 5, 1, 3]], [[2, 1, 1, 1]]])('agree with the formulas on %j', (shape) => {
    const channels = shape.slice(-1);
    expectSame(ops, [normal('x', shape), normal('y', shape), normal('bias', channels)], (each, x, y, bias) => {
      const mean = each.spatialMean(x!);
      return [
        each.relu(x!),
        each.reluGradient(x!, y!),
        each.add(x!, y!),
        each.multiply(x!, y!),
        each.addBias(x!, bias!),
        each.biasGradient(x!),
        mean,
        each.spatialMeanGradient(mean, 2, 3),
      ];
    });
  });

  it('hand NaN on through relu, so that a diverged training is seen', () => {
    const x: Plain = { shape: [5], data: Float32Array.of(1, Number.NaN, -1, 2, Number.NaN) };
    const [y] = run(ops, [x], (_, a) => [ops.relu(a!)]);
    expect([...y!.data]).toEqual([1, Number.NaN, 0, 2, Number.NaN]);
  });
});

describe('ownership', () => {
  it('refuses bfloat16, naming what to do', () => {
    expect(() => run(ops, [normal('x', [2])], (_, x) => [ops.cast(x!, 'bfloat16')])).toThrow(
      'The wasm engine computes in float32 only; bfloat16 was asked for. ' +
        'Ask for "exact" numerics, or for the tensorflow engine.',
    );
  });

  it('refuses a tensor after its release, and a second release does nothing', () => {
    ops.scope(() => {
      const x = ops.upload(Float32Array.of(1, 2), [2]);
      ops.release(x, x);
      expect(() => ops.relu(x)).toThrow('A tensor was used after its release. Keep it in its scope.');
    });
  });

  it('keeps a cast alive after its source is gone', () => {
    ops.scope(() => {
      const x = ops.upload(Float32Array.of(1, 2), [2]);
      const same = ops.cast(x, 'float32');
      ops.release(x);
      ops.upload(Float32Array.of(3, 4), [2]);
      expect([...ops.download(same)]).toEqual([1, 2]);
    });
  });

  it('does not tie an assigned variable to later updates of itself or of its source', () => {
    const weight = ops.variable(Float32Array.of(0, 0), [2]);
    const velocity = ops.variable(new Float32Array(2), [2]);
    ops.scope(() => {
      const value = ops.upload(Float32Array.of(1, 2), [2]);
      ops.assign(weight, value);
      const rule = { learningRate: 1, momentum: 0, nesterov: false, weightDecay: 0 };
      ops.applySgd(weight, velocity, ops.upload(Float32Array.of(1, 1), [2]), rule);
      expect([...ops.download(value)]).toEqual([1, 2]);
      expect([...ops.download(weight)]).toEqual([0, 1]);
      expect(() => ops.assign(weight, ops.upload(Float32Array.of(1), [1]))).toThrow('shape [2], found [1]');
    });
    ops.release(weight, velocity);
  });
});
