import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Ops, Window } from '../src/ops.ts';
import { openWasmOps } from '../src/wasm/wasm-ops.ts';
import { slowOps } from './support/slow/slow-ops.ts';
import { entry, expectSame, expectSameBits, normal, run } from './wasm-comparison.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await openWasmOps();
});

/** The convolution and both gradients, for random values, against the slow engine. */
function expectSameConvolution(input: readonly number[], kernel: readonly number[], window: Window): void {
  const [x, weights] = [normal('x', input), normal('kernel', kernel)];
  expectSame(ops, [x, weights], (each, a, b) => {
    const y = each.convolve(a!, b!, window);
    const dy = each.upload(normal('dy', y.shape).data, y.shape);
    return [y, each.convolveInputGradient(dy, b!, window, input), each.convolveKernelGradient(dy, a!, window, kernel)];
  });
}

describe('convolution and its gradients', () => {
  // The counts of channels reach every path: groups of four and eight, remainders, and fewer than a group.
  const cases = fc
    .record({
      images: fc.integer({ min: 1, max: 3 }),
      height: fc.integer({ min: 1, max: 9 }),
      width: fc.integer({ min: 1, max: 9 }),
      inputs: fc.constantFrom(1, 3, 4, 7, 8, 9),
      outputs: fc.constantFrom(1, 3, 8, 12, 17),
      size: fc.constantFrom(1, 2, 3, 7),
      stride: fc.constantFrom(1, 2, 3),
      padding: fc.constantFrom(0, 1, 3),
    })
    .filter(({ height, width, size, padding }) => Math.min(height, width) + 2 * padding >= size);

  it('agree with plain loops for any size, stride and padding', () => {
    fc.assert(
      fc.property(cases, ({ images, height, width, inputs, outputs, size, ...window }) => {
        expectSameConvolution([images, height, width, inputs], [size, size, inputs, outputs], window);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it.each([
    ['the stem', [2, 33, 32, 3], [7, 7, 3, 8], 2, 3],
    ['a downsampling block at an odd size', [2, 7, 9, 16], [3, 3, 16, 24], 2, 1],
    ['a kernel that meets only one place', [4, 1, 1, 16], [3, 3, 16, 32], 1, 1],
    ['a kernel that is not square', [2, 6, 5, 4], [1, 5, 4, 8], 1, 2],
    ['more places than are taken at once, in several images', [3, 24, 24, 4], [3, 3, 4, 8], 1, 1],
    ['more places than are taken at once, in one image', [1, 40, 40, 3], [3, 3, 3, 4], 1, 1],
    ['more runs than are added up at once', [9, 26, 26, 3], [7, 7, 3, 1], 1, 3],
    ['more channels than are summed at once', [2, 5, 4, 150], [3, 3, 150, 8], 1, 1],
    ['so many under a large kernel, of which some taps are idle', [1, 3, 2, 31], [7, 7, 31, 5], 1, 3],
  ] as const)('agree with plain loops for %s', (_, input, kernel, stride, padding) => {
    expectSameConvolution(input, kernel, { stride, padding });
  });

  it.each([
    { with: ['bias'] },
    { with: ['relu'] },
    { with: ['bias', 'relu'] },
    { with: ['residual'] },
    { with: ['bias', 'residual', 'relu'] },
  ])('of more channels than are summed at once, with $with', ({ with: parts }) => {
    const inputs = [normal('x', [2, 4, 3, 150]), normal('kernel', [3, 3, 150, 8])];
    const [bias, residual] = [normal('bias', [8]), normal('residual', [2, 4, 3, 8])];
    expectSame(ops, [...inputs, bias, residual], (each, a, b, c, d) => [
      each.convolve(
        a!,
        b!,
        { stride: 1, padding: 1 },
        {
          ...(parts.includes('bias') && { bias: c! }),
          ...(parts.includes('residual') && { residual: d! }),
          relu: parts.includes('relu'),
        },
      ),
    ]);
  });

  it('sums many products in blocks, so that their error does not grow with their number', () => {
    const kernel = normal('kernel', [3, 3, 512, 4]);
    const positive = { ...kernel, data: kernel.data.map(Math.abs) };
    const x = normal('x', [1, 3, 3, 512]);
    // One sum of 4,608 positive products after the other is off by 1e-6 of itself and more.
    expectSame(
      ops,
      [{ ...x, data: x.data.map(Math.abs) }, positive],
      (each, a, b) => [each.convolve(a!, b!, { stride: 1, padding: 1 })],
      5e-7,
    );
  });

  it.each([
    [7, 2, 3, 8, 9],
    [3, 1, 8, 8, 9],
    [3, 2, 8, 12, 9],
    [1, 2, 8, 16, 9],
    [1, 1, 16, 20, 9],
    [3, 1, 64, 64, 1],
    [3, 2, 32, 64, 2],
  ])('of size %i, stride %i, %i to %i channels at %i pixels give an image the same bits in any batch', (...sizes) => {
    const [size, stride, i, o, pixels] = sizes;
    const window = { stride, padding: (size - 1) / 2 };
    const [x, kernel] = [normal('x', [6, pixels, pixels, i]), normal('kernel', [size, size, i, o])];
    const [y] = run(ops, [x, kernel], (_, a, b) => [ops.convolve(a!, b!, window)]);
    const [dx] = run(ops, [y!, kernel], (_, a, b) => [ops.convolveInputGradient(a!, b!, window, x.shape)]);
    for (let n = 0; n < 6; n++) {
      const alone = entry(x, n);
      expectSameBits(
        run(ops, [alone, kernel], (_, a, b) => [ops.convolve(a!, b!, window)]),
        [entry(y!, n)],
      );
      const gradient = run(ops, [entry(y!, n), kernel], (_, a, b) => [
        ops.convolveInputGradient(a!, b!, window, alone.shape),
      ]);
      expectSameBits(gradient, [entry(dx!, n)]);
    }
  });

  it.each([
    ['padded taps left out', [2, 1, 1, 4], [3, 3, 4, 8]],
    ['a narrow input', [2, 6, 6, 3], [3, 3, 3, 8]],
    ['a wide input', [2, 6, 6, 8], [3, 3, 8, 8]],
  ] as const)('use the present weights after every update, with %s', (_, input, kernel) => {
    const window = { stride: 2, padding: 1 };
    const trained = [ops, slowOps()].map((each) => {
      const weight = each.variable(normal('kernel', kernel).data, kernel);
      const velocity = each.variable(new Float32Array(normal('kernel', kernel).data.length), kernel);
      const results = [0, 1, 2].map((step) =>
        each.scope(() => {
          const x = each.upload(normal('x', input).data, input);
          const present = each.read(weight);
          const y = each.convolve(x, present, window);
          const dx = each.convolveInputGradient(y, present, window, input);
          each.release(present); // so that the update changes the very memory that was packed
          const dKernel = each.convolveKernelGradient(y, x, window, kernel);
          const rule = { learningRate: 0.01 * step, momentum: 0, nesterov: false, weightDecay: 0 };
          each.applySgd(weight, velocity, dKernel, rule);
          return [...each.download(y), ...each.download(dx)];
        }),
      );
      each.release(weight, velocity);
      return results;
    });
    const [found, expected] = trained as [number[][], number[][]];
    expect(found[2]).not.toEqual(found[1]);
    const expectedValues = expected.flat();
    const worst = Math.max(...found.flat().map((value, i) => Math.abs(value - expectedValues[i]!)));
    expect(worst).toBeLessThan(1e-2); // values up to a few hundred
  });

  it('refuses a kernel that does not fit, before it reads anything', () => {
    const [x, kernel, short] = [normal('x', [1, 4, 4, 3]), normal('kernel', [3, 3, 4, 8]), normal('short', [7])];
    const convolve = () => run(ops, [x, kernel], (_, a, b) => [ops.convolve(a!, b!, { stride: 1, padding: 1 })]);
    expect(convolve).toThrow(
      'A kernel of shape [3, 3, 4, 8] with padding 1 does not fit an input of shape [1, 4, 4, 3].',
    );
    const biased = () =>
      run(ops, [normal('x', [1, 4, 4, 4]), kernel, short], (_, a, b, bias) => [
        ops.convolve(a!, b!, { stride: 1, padding: 1 }, { bias: bias! }),
      ]);
    expect(biased).toThrow('An operation expected a tensor of shape [8], found [7].');
  });
});
