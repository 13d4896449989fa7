import { randomStream } from '@espalier/core';
import fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Ops, Tensor } from '../src/ops.ts';
import { openWasmOps } from '../src/wasm/wasm-ops.ts';
import * as twin from './wasm-twin.ts';
import { type Plain, plain } from './wasm-twin.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await openWasmOps();
});
afterEach(() => {
  expect(ops.live, 'tensors left alive').toBe(0);
});

const stream = randomStream(1, 'wasm-ops');

function random(shape: readonly number[]): Plain {
  return plain(
    shape,
    Float32Array.from(plain(shape).data, () => stream.normal()),
  );
}

/** Runs `compute` on uploaded `inputs`, checks that they are unchanged, and returns the downloaded results. */
function run(inputs: readonly Plain[], compute: (...tensors: Tensor[]) => Tensor | readonly Tensor[]): Plain[] {
  return ops.scope(() => {
    const tensors = inputs.map(({ shape, data }) => ops.upload(Float32Array.from(data), shape));
    const results = [compute(...tensors)].flat() as Tensor[];
    inputs.forEach(({ data }, i) => {
      expect(ops.download(tensors[i]!)).toEqual(Float32Array.from(data));
    });
    return results.map((result) => plain(result.shape, ops.download(result)));
  });
}

/** float32 sums of up to a few thousand products of unit size stay within this share of the largest value. */
const tolerance = 1e-5;

function expectClose(found: Plain | undefined, expected: Plain): void {
  expect(found!.shape).toEqual(expected.shape);
  const largest = expected.data.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
  const worst = expected.data.reduce((most, value, i) => Math.max(most, Math.abs(value - found!.data[i]!)), 0);
  expect(found!.data.every(Number.isFinite)).toBe(true);
  expect(worst / largest).toBeLessThan(tolerance);
}

const convolutions = fc
  .record({
    images: fc.integer({ min: 1, max: 3 }),
    height: fc.integer({ min: 1, max: 9 }),
    width: fc.integer({ min: 1, max: 9 }),
    inputs: fc.constantFrom(1, 3, 4, 5, 8),
    outputs: fc.constantFrom(1, 3, 8, 12, 17),
    size: fc.constantFrom(1, 2, 3, 7),
    stride: fc.constantFrom(1, 2, 3),
    padding: fc.constantFrom(0, 1, 3),
  })
  .filter(({ height, width, size, padding }) => Math.min(height, width) + 2 * padding >= size);

function checkConvolution(x: Plain, kernel: Plain, window: twin.PlainWindow): void {
  const y = twin.convolve(x, kernel, window);
  expectClose(run([x, kernel], (a, b) => ops.convolve(a!, b!, window))[0], y);
  const dy = random(y.shape);
  expectClose(
    run([dy, kernel], (a, b) => ops.convolveInputGradient(a!, b!, window, x.shape))[0],
    twin.convolveInputGradient(dy, kernel, window, x.shape),
  );
  expectClose(
    run([dy, x], (a, b) => ops.convolveKernelGradient(a!, b!, window, kernel.shape))[0],
    twin.convolveKernelGradient(dy, x, window, kernel.shape),
  );
}

describe('convolution and its gradients', () => {
  it('agree with plain loops for any size, stride and padding', () => {
    fc.assert(
      fc.property(convolutions, ({ images, height, width, inputs, outputs, size, stride, padding }) => {
        checkConvolution(random([images, height, width, inputs]), random([size, size, inputs, outputs]), {
          stride,
          padding,
        });
      }),
      { numRuns: 150, seed: 1 },
    );
  });

  it.each([
    ['the stem', [2, 33, 32, 3], [7, 7, 3, 8], 2, 3],
    ['a block', [3, 8, 8, 16], [3, 3, 16, 16], 1, 1],
    ['a downsampling block at an odd size', [2, 7, 9, 16], [3, 3, 16, 32], 2, 1],
    ['a shortcut', [2, 7, 8, 16], [1, 1, 16, 24], 2, 0],
    ['a kernel that meets one place only', [4, 1, 1, 32], [3, 3, 32, 32], 1, 1],
    ['a kernel that is not square', [2, 6, 5, 4], [1, 5, 4, 8], 1, 2],
    ['more places than are taken at once', [2, 40, 40, 4], [3, 3, 4, 8], 1, 1],
    ['one image with more places than are taken at once', [1, 48, 48, 3], [3, 3, 3, 8], 1, 1],
  ] as const)('agree with plain loops for %s', (_, x, kernel, stride, padding) => {
    checkConvolution(random(x), random(kernel), { stride, padding });
  });

  it('adds a bias and a residual, then relu, as asked', () => {
    const [x, kernel, bias] = [random([2, 5, 5, 4]), random([3, 3, 4, 8]), random([8])];
    const window = { stride: 1, padding: 1 };
    const y = twin.convolve(x, kernel, window);
    const residual = random(y.shape);
    for (const [hasBias, hasResidual, relu] of [
      [true, false, false],
      [true, false, true],
      [false, true, false],
      [true, true, true],
      [false, false, true],
    ] as const) {
      const expected = y.data.map((value, i) => {
        const sum = value + (hasBias ? bias.data[i % 8]! : 0) + (hasResidual ? residual.data[i]! : 0);
        return relu ? Math.max(0, sum) : sum;
      });
      const [found] = run([x, kernel, bias, residual], (a, b, c, d) =>
        ops.convolve(a!, b!, window, { ...(hasBias && { bias: c! }), ...(hasResidual && { residual: d! }), relu }),
      );
      expectClose(found, plain(y.shape, expected));
    }
  });

  it('give an image the same bits whatever else is in its batch', () => {
    for (const [size, stride, inputs, outputs] of [
      [7, 2, 3, 8],
      [3, 1, 8, 8],
      [3, 2, 8, 12],
      [1, 2, 8, 16],
      [1, 1, 8, 20],
    ] as const) {
      const window = { stride, padding: (size - 1) / 2 };
      const [x, kernel] = [random([5, 9, 9, inputs]), random([size, size, inputs, outputs])];
      const [y] = run([x, kernel], (a, b) => ops.convolve(a!, b!, window));
      const [dx] = run([y!, kernel], (a, b) => ops.convolveInputGradient(a!, b!, window, x.shape));
      for (let n = 0; n < 5; n++) {
        const [alone] = run([image(x, n), kernel], (a, b) => ops.convolve(a!, b!, window));
        expect(alone).toEqual(image(y!, n));
        const [alsoAlone] = run([image(y!, n), kernel], (a, b) =>
          ops.convolveInputGradient(a!, b!, window, image(x, n).shape),
        );
        expect(alsoAlone).toEqual(image(dx!, n));
      }
    }
  });
});

function image({ shape, data }: Plain, index: number): Plain {
  const size = data.length / shape[0]!;
  return plain([1, ...shape.slice(1)], data.slice(index * size, (index + 1) * size));
}

describe('batchNorm', () => {
  const options = { momentum: 0.1, epsilon: 1e-5 };
  const names = ['scale', 'shift', 'runningMean', 'runningVariance'] as const;

  it.each([8, 3, 10])('normalises %i channels by the batch and blends the running statistics', (channels) => {
    const x = random([3, 5, 4, channels]);
    const inputs = names.map(() => random([channels]));
    const { y, mean, variance, rows } = twin.batchNorm(x, inputs[0]!, inputs[1]!, options.epsilon);
    const [found, runningMean, runningVariance] = run([x, ...inputs], (a, scale, shift, m, v) => {
      const parameters = { scale: scale!, shift: shift!, runningMean: m!, runningVariance: v! };
      const result = ops.batchNorm(a!, parameters, options);
      return [result.y, result.runningMean, result.runningVariance];
    });
    expectClose(found, y);
    expectClose(
      runningMean,
      plain(
        [channels],
        mean.map((m, c) => 0.9 * inputs[2]!.data[c]! + 0.1 * m),
      ),
    );
    const unbiased = variance.map((v) => (v * rows) / (rows - 1));
    expectClose(
      runningVariance,
      plain(
        [channels],
        unbiased.map((v, c) => 0.9 * inputs[3]!.data[c]! + 0.1 * v),
      ),
    );
  });

  it('keeps its accuracy where the mean is a thousand times the deviation', () => {
    const x = plain(
      [4, 8, 8, 4],
      random([4, 8, 8, 4]).data.map((value) => Math.fround(1000 + value)),
    );
    const [scale, shift] = [plain([4], [1, 1, 1, 1]), plain([4])];
    const [found] = run(
      [x, scale, shift],
      (a, s, t) => ops.batchNorm(a!, { scale: s!, shift: t!, runningMean: t!, runningVariance: s! }, options).y,
    );
    const { y } = twin.batchNorm(x, scale, shift, options.epsilon);
    const worst = Math.max(...y.data.map((value, i) => Math.abs(value - found!.data[i]!)));
    expect(worst).toBeLessThan(1e-4); // the mean itself, near 1000, is stored to 3e-5
  });

  it.each([8, 3])('has the gradient that finite differences show, with %i channels', (channels) => {
    const [x, dy] = [random([2, 3, 3, channels]), random([2, 3, 3, channels])];
    const [scale, shift] = [random([channels]), random([channels])];
    const [dx, dScale, dShift] = run([x, dy, scale, shift], (a, d, s, t) => {
      const parameters = { scale: s!, shift: t!, runningMean: t!, runningVariance: t! };
      const { saved } = ops.batchNorm(a!, parameters, options);
      const gradients = ops.batchNormGradient(d!, a!, s!, saved, options.epsilon);
      return [gradients.dx, gradients.dScale, gradients.dShift];
    });
    const loss = () => {
      const { y } = twin.batchNorm(x, scale, shift, options.epsilon);
      return y.data.reduce((sum, value, i) => sum + value * dy.data[i]!, 0);
    };
    expectClose(dx, differences(loss, x));
    expectClose(dScale, differences(loss, scale));
    expectClose(dShift, differences(loss, shift));
  });
});

/** d loss / d variable by central differences of the float64 twin. */
function differences(loss: () => number, variable: Plain): Plain {
  const step = 1e-5;
  return plain(
    variable.shape,
    variable.data.map((value, i) => {
      variable.data[i] = value + step;
      const above = loss();
      variable.data[i] = value - step;
      const below = loss();
      variable.data[i] = value;
      return (above - below) / (2 * step);
    }),
  );
}

describe('maxPool and its gradient', () => {
  it('take the largest value of each window and send the gradient to its first place', () => {
    const pools = fc
      .record({
        shape: fc.tuple(
          fc.integer({ min: 1, max: 2 }),
          fc.integer({ min: 1, max: 9 }),
          fc.integer({ min: 1, max: 9 }),
          fc.constantFrom(1, 3, 4, 8),
        ),
        size: fc.constantFrom(1, 2, 3),
        stride: fc.constantFrom(1, 2),
        padding: fc.constantFrom(0, 1),
      })
      .filter(({ shape, size, padding }) => Math.min(shape[1], shape[2]) + 2 * padding >= size && padding < size);
    fc.assert(
      fc.property(pools, fc.boolean(), ({ shape, ...window }, hasTies) => {
        const x = random(shape);
        if (hasTies)
          x.data.forEach((value, i) => {
            x.data[i] = Math.round(value);
          });
        const y: number[] = [];
        const winners: number[] = [];
        const yShape = twin.eachWindow(shape, window, (_, inputs) => {
          const most = Math.max(...inputs.map((i) => x.data[i]!));
          y.push(most);
          winners.push(inputs.find((i) => x.data[i] === most)!);
        });
        const dy = random(yShape);
        const dx = plain(shape);
        winners.forEach((winner, output) => {
          dx.data[winner]! += dy.data[output]!;
        });
        const [foundY, foundDx] = run([x, dy], (a, d) => {
          const pooled = ops.maxPool(a!, window);
          return [pooled, ops.maxPoolGradient(d!, a!, pooled, window)];
        });
        expectClose(foundY, plain(yShape, y));
        expectClose(foundDx, dx);
      }),
      { numRuns: 100, seed: 2 },
    );
  });
});

describe('the small operations', () => {
  it.each([[[3, 2, 2, 4]], [[3, 5, 1, 3]], [[7]]] as const)('work place by place on %j', (shape) => {
    const [a, b] = [random(shape), random(shape)];
    b.data[0] = 0;
    const results = run([a, b], (x, y) => [
      ops.relu(x!),
      ops.reluGradient(x!, y!),
      ops.add(x!, y!),
      ops.multiply(x!, y!),
    ]);
    const pairwise = (compute: (x: number, y: number) => number) =>
      plain(
        shape,
        a.data.map((x, i) => compute(x, b.data[i]!)),
      );
    expectClose(
      results[0],
      pairwise((x) => Math.max(0, x)),
    );
    expectClose(
      results[1],
      pairwise((x, y) => (y > 0 ? x : 0)),
    );
    expectClose(
      results[2],
      pairwise((x, y) => x + y),
    );
    expectClose(
      results[3],
      pairwise((x, y) => x * y),
    );
  });

  it('relu hands NaN on, so that a diverged training is seen', () => {
    const [y] = run([plain([5], [1, Number.NaN, -1, 2, Number.NaN])], (x) => ops.relu(x!));
    expect([...y!.data]).toEqual([1, Number.NaN, 0, 2, Number.NaN]);
  });

  it.each([4, 10, 1])('add a bias to %i channels and sum its gradient', (channels) => {
    const [x, bias] = [random([3, 2, 5, channels]), random([channels])];
    const [sum, gradient] = run([x, bias], (a, b) => [ops.addBias(a!, b!), ops.biasGradient(a!)]);
    expectClose(
      sum,
      plain(
        x.shape,
        x.data.map((value, i) => value + bias.data[i % channels]!),
      ),
    );
    expectClose(gradient, twin.channelSums(x));
  });

  it.each([4, 3])('average %i channels over space and spread the gradient', (channels) => {
    const [x, dy] = [random([3, 2, 5, channels]), random([3, channels])];
    const [mean, dx] = run([x, dy], (a, d) => [ops.spatialMean(a!), ops.spatialMeanGradient(d!, 2, 5)]);
    const means = [0, 1, 2].flatMap((n) => [...twin.channelSums(image(x, n)).data].map((sum) => sum / 10));
    expectClose(mean, plain([3, channels], means));
    const spread = x.data.map((_, i) => dy.data[Math.floor(i / (10 * channels)) * channels + (i % channels)]! / 10);
    expectClose(dx, plain(x.shape, spread));
  });

  it('multiply matrices, each transposed or not', () => {
    fc.assert(
      fc.property(
        fc.tuple(...[20, 20, 20].map((max) => fc.integer({ min: 1, max }))),
        fc.boolean(),
        fc.boolean(),
        ([rows, depth, columns], a, b) => {
          const left = random(a ? [depth!, rows!] : [rows!, depth!]);
          const right = random(b ? [columns!, depth!] : [depth!, columns!]);
          const [found] = run([left, right], (x, y) => ops.matmul(x!, y!, { a, b }));
          expectClose(found, twin.matmul(left, right, { a, b }));
        },
      ),
      { numRuns: 100, seed: 3 },
    );
  });

  it('give a row of a matrix product the same bits whatever the other rows', () => {
    const [x, kernel] = [random([7, 64]), random([64, 10])];
    const [y] = run([x, kernel], (a, b) => ops.matmul(a!, b!));
    for (let n = 0; n < 7; n++) {
      expect(run([image(x, n), kernel], (a, b) => ops.matmul(a!, b!))[0]).toEqual(image(y!, n));
    }
  });
});

describe('ownership', () => {
  it('refuses bfloat16, naming what to do', () => {
    const cast = () => ops.scope(() => ops.cast(ops.upload(Float32Array.of(1), [1]), 'bfloat16'));
    expect(cast).toThrow(
      'The wasm engine computes in float32 only; bfloat16 was asked for. ' +
        'Ask for "exact" numerics, or for the tensorflow engine.',
    );
  });

  it('refuses a tensor after its release', () => {
    ops.scope(() => {
      const x = ops.upload(Float32Array.of(1, 2), [2]);
      ops.release(x);
      ops.release(x);
      expect(() => ops.relu(x)).toThrow('used after its release');
    });
  });

  it('keeps a cast alive after its source is gone', () => {
    ops.scope(() => {
      const x = ops.upload(Float32Array.of(1, 2), [2]);
      const same = ops.cast(x, 'float32');
      ops.release(x);
      expect([...ops.download(same)]).toEqual([1, 2]);
    });
  });

  it('does not see later changes of what was uploaded', () => {
    const data = Float32Array.of(1, 2);
    ops.scope(() => {
      const x = ops.upload(data, [2]);
      data[0] = 9;
      expect([...ops.download(x)]).toEqual([1, 2]);
    });
  });

  it('leaves what was read from a variable as it was when the variable changes', () => {
    const weight = ops.variable(Float32Array.of(1, 2), [2]);
    const velocity = ops.variable(new Float32Array(2), [2]);
    ops.scope(() => {
      const before = ops.read(weight);
      const gradient = ops.upload(Float32Array.of(1, 1), [2]);
      ops.applySgd(weight, velocity, gradient, { learningRate: 1, momentum: 0, nesterov: false, weightDecay: 0 });
      expect([...ops.download(before)]).toEqual([1, 2]);
      expect([...ops.download(weight)]).toEqual([0, 1]);
      ops.assign(weight, before);
      expect([...ops.download(weight)]).toEqual([1, 2]);
    });
    ops.release(weight, velocity);
  });

  it('convolves with the present weights after every update, though packed kernels are kept', () => {
    const window = { stride: 1, padding: 1 };
    const [x, kernel] = [random([1, 1, 1, 4]), random([3, 3, 4, 8])];
    const weight = ops.variable(Float32Array.from(kernel.data), kernel.shape);
    const velocity = ops.variable(new Float32Array(kernel.data.length), kernel.shape);
    for (let step = 0; step < 3; step++) {
      ops.scope(() => {
        const input = ops.upload(Float32Array.from(x.data), x.shape);
        const present = plain(kernel.shape, ops.download(weight));
        const y = ops.convolve(input, ops.read(weight), window);
        const expected = twin.convolve(x, present, window);
        expectClose(plain(y.shape, ops.download(y)), expected);
        const dx = ops.convolveInputGradient(y, ops.read(weight), window, x.shape);
        expectClose(plain(x.shape, ops.download(dx)), twin.convolveInputGradient(expected, present, window, x.shape));
        const gradient = ops.upload(Float32Array.from(kernel.data), kernel.shape);
        ops.applySgd(weight, velocity, gradient, { learningRate: 0.5, momentum: 0, nesterov: false, weightDecay: 0 });
      });
    }
    ops.release(weight, velocity);
  });
});

describe('updates', () => {
  it.each([false, true])('SGD steps as PyTorch writes it, nesterov %s', (nesterov) => {
    const rule = { learningRate: 0.1, momentum: 0.9, nesterov, weightDecay: 0.01 };
    const start = random([13]);
    const weight = ops.variable(Float32Array.from(start.data), [13]);
    const velocity = ops.variable(new Float32Array(13), [13]);
    const [w, v] = [start.data.slice(), new Float64Array(13)];
    for (let step = 0; step < 4; step++) {
      const gradient = random([13]);
      ops.scope(() => ops.applySgd(weight, velocity, ops.upload(Float32Array.from(gradient.data), [13]), rule));
      gradient.data.forEach((value, i) => {
        const g = value + rule.weightDecay * w[i]!;
        v[i] = rule.momentum * v[i]! + g;
        w[i]! -= rule.learningRate * (nesterov ? g + rule.momentum * v[i]! : v[i]!);
      });
    }
    expectClose(plain([13], ops.download(weight)), plain([13], w));
    expectClose(plain([13], ops.download(velocity)), plain([13], v));
    ops.release(weight, velocity);
  });

  it('AdamW steps as PyTorch writes it', () => {
    const rule = { learningRate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.05 };
    const start = random([6]);
    const variables = [start, plain([6]), plain([6])].map(({ data }) => ops.variable(Float32Array.from(data), [6]));
    const [w, m, s] = [start.data.slice(), new Float64Array(6), new Float64Array(6)];
    for (let step = 1; step <= 4; step++) {
      const gradient = random([6]);
      const [weight, mean, square] = variables as [(typeof variables)[0], (typeof variables)[0], (typeof variables)[0]];
      ops.scope(() =>
        ops.applyAdamW(weight!, mean!, square!, ops.upload(Float32Array.from(gradient.data), [6]), { ...rule, step }),
      );
      gradient.data.forEach((g, i) => {
        w[i]! -= rule.learningRate * rule.weightDecay * w[i]!;
        m[i] = rule.beta1 * m[i]! + (1 - rule.beta1) * g;
        s[i] = rule.beta2 * s[i]! + (1 - rule.beta2) * g * g;
        const spread = Math.sqrt(s[i]! / (1 - rule.beta2 ** step)) + rule.epsilon;
        w[i]! -= ((rule.learningRate / (1 - rule.beta1 ** step)) * m[i]!) / spread;
      });
    }
    [w, m, s].forEach((expected, i) => {
      expectClose(plain([6], ops.download(variables[i]!)), plain([6], expected));
    });
    ops.release(...variables);
  });
});
