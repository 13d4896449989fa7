import { beforeAll, describe, expect, it } from 'vitest';
import type { Ops } from '../src/ops.ts';
import { openWasmOps } from '../src/wasm/wasm-ops.ts';
import { activations } from './activations.ts';
import { inputsOf } from './engine-comparison.ts';
import { moves, products, rows, sums } from './layer-cases.ts';
import { freshWasm } from './support/fresh-wasm.ts';
import { entry, expectSame, expectSameBits, normal, run, type Work } from './wasm-comparison.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await openWasmOps();
});

const window = { stride: 1, padding: 1 };
const strided = { stride: 2, padding: 1 };

/** Of one image or several: work on `[n, ...shape]` and others that do not depend on n. */
const works: readonly (readonly [
  name: string,
  shape: readonly number[],
  others: readonly (readonly number[])[],
  Work,
])[] = [
  [
    'depthwise',
    [7, 5, 6],
    [[3, 3, 6, 1], [6]],
    (_, x, k, bias) => [ops.convolveDepthwise(x!, k!, window, { bias: bias! })],
  ],
  [
    'large depthwise',
    [7, 5, 6],
    [[7, 7, 6, 1], [6]],
    (_, x, k, bias) => [ops.convolveDepthwise(x!, k!, { stride: 1, padding: 3 }, { bias: bias!, relu: true })],
  ],
  [
    'depthwise gradient',
    [4, 3, 8],
    [[3, 3, 8, 1]],
    (_, dy, k) => [ops.convolveDepthwiseInputGradient(dy!, k!, strided, [dy!.shape[0]!, 7, 5, 8])],
  ],
  ['softmax', [3, 7], [], (_, x) => [ops.softmax(x!), ops.softmaxGradient(x!, ops.softmax(x!))]],
  [
    'layerNorm',
    [3, 7],
    [[7], [7]],
    (_, x, scale, shift) => [ops.layerNorm(x!, scale!, shift!, 1e-5), ops.layerNormGradient(x!, x!, scale!, 1e-5).dx],
  ],
  ['gates', [3, 3, 5], [], (_, x) => [ops.multiply(x!, ops.sumTo(x!, [x!.shape[0]!, 1, 1, 5])), ops.scale(x!, 0.3)]],
  ['attention', [2, 9, 4], [], (_, x) => [ops.batchedMatmul(ops.batchedMatmul(x!, x!, { b: true }), x!)]],
  ['a dense layer', [700], [[700, 60]], (_, x, k) => [ops.matmul(x!, k!)]],
  ['the gradient of one', [60], [[700, 60]], (_, x, k) => [ops.matmul(x!, k!, { b: true })]],
  ['moves', [4, 5, 3], [], (_, x) => [ops.transpose(x!, [0, 3, 1, 2]), ops.everyNth(x!, [1, 2, 2, 1])]],
  [
    'activations',
    [7],
    [],
    (_, x) => activations.flatMap((f) => [ops.activate(x!, f), ops.activateGradient(x!, x!, f)]),
  ],
];

describe('what a layer needs', () => {
  it.each(works)('%s: an image has the same bits in any batch', (_, shape, others, work) => {
    const x = normal('x', [5, ...shape]);
    const rest = others.map((other, i) => normal(`other ${i}`, other));
    const together = run(ops, [x, ...rest], work);
    for (let n = 0; n < 5; n++) {
      expectSameBits(
        run(ops, [entry(x, n), ...rest], work),
        together.map((result) => entry(result, n)),
      );
    }
  });

  it('leaves nothing in the memory', async () => {
    const fresh = await freshWasm();
    const make = inputsOf(fresh.ops, 'float32');
    fresh.ops.scope(() => {
      for (const [, work] of [...moves, ...sums, ...rows, ...products]) work(fresh.ops, make);
      const [x, kernel, bias] = [make('x', [2, 5, 5, 6]), make('kernel', [3, 3, 6, 2]), make('bias', [12])];
      for (const activation of activations) {
        const y = fresh.ops.convolveDepthwise(x, kernel, strided, { bias, activation });
        fresh.ops.convolveDepthwiseInputGradient(
          fresh.ops.activateGradient(y, y, activation),
          kernel,
          strided,
          x.shape,
        );
        fresh.ops.convolveDepthwiseKernelGradient(y, x, strided, kernel.shape);
      }
      fresh.ops.matmul(make('many', [3, 700]), make('wide', [60, 700]), { b: true });
    });
    expect(fresh.usage()).toMatchObject({ buffers: 0, bytes: 0 });
  });

  it('forgets what was packed for kernels that are gone', async () => {
    const fresh = await freshWasm();
    const [data, wide] = [new Float32Array(9 * 64), new Float32Array(512 * 64)];
    const once = () =>
      fresh.ops.scope(() => {
        const x = fresh.ops.upload(new Float32Array(16 * 64), [1, 4, 4, 64]);
        fresh.ops.convolveDepthwise(x, fresh.ops.upload(data, [3, 3, 64, 1]), window);
        fresh.ops.matmul(fresh.ops.upload(wide, [64, 512]), fresh.ops.upload(wide, [512, 64]));
      });
    for (let i = 0; i < 20; i++) once();
    const { reserved } = fresh.usage();
    for (let i = 0; i < 300; i++) once();
    expect(fresh.usage().reserved).toBe(reserved);
  });

  it('sums many rows in parts', () => {
    const sides = [normal('a', [3000, 5]), normal('b', [3000, 9])].map(({ shape, data }) => ({
      shape,
      data: data.map(Math.abs),
    }));
    expectSame(ops, sides, (each, a, b) => [each.matmul(a!, b!, { a: true })], 1e-6);
  });

  it('multiplies by large matrices, on either side', () => {
    const inputs = [normal('x', [9, 700]), normal('kernel', [700, 60])];
    expectSame(ops, inputs, (each, x, kernel) => {
      const y = each.matmul(x!, kernel!);
      return [y, each.matmul(y, kernel!, { b: true }), each.matmul(x!, y, { a: true })];
    });
  });
});
