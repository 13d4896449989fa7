import { describe, expect, test } from 'vitest';
import type { Ops, Tensor } from '../src/ops.ts';
import { engines } from '../src/testing/tested-engines.ts';
import { activations } from './activations.ts';
import { expectSame, inputsOf, tolerances, type Values } from './engine-comparison.ts';

type Make = ReturnType<typeof inputsOf>;

const named = activations.map((f) => ({ name: Object.values(f).join(' '), f }));

const windows = [
  { name: '3x3', h: 7, w: 6, c: 5, m: 1, size: [3, 3], stride: 1, padding: 1 },
  { name: '3x3 stride 2, odd', h: 7, w: 9, c: 8, m: 1, size: [3, 3], stride: 2, padding: 1 },
  { name: '3x3 stride 2, even', h: 8, w: 6, c: 3, m: 1, size: [3, 3], stride: 2, padding: 1 },
  { name: '5x5 stride 2 with two kernels a channel', h: 9, w: 8, c: 3, m: 2, size: [5, 5], stride: 2, padding: 2 },
  { name: '7x7, taps beyond the map', h: 3, w: 2, c: 4, m: 1, size: [7, 7], stride: 1, padding: 3 },
  { name: '3x3 without padding', h: 5, w: 4, c: 8, m: 1, size: [3, 3], stride: 1, padding: 0 },
  { name: '1x5', h: 4, w: 7, c: 1, m: 3, size: [1, 5], stride: 1, padding: 0 },
  { name: '1x1 stride 2', h: 5, w: 5, c: 16, m: 1, size: [1, 1], stride: 2, padding: 0 },
  { name: '2x2 stride 3 that leaves the border out', h: 7, w: 8, c: 4, m: 1, size: [2, 2], stride: 3, padding: 0 },
  { name: 'one row', h: 1, w: 9, c: 12, m: 1, size: [3, 3], stride: 1, padding: 1 },
];

/** A number that bfloat16 has. */
const inEighths = (normal: number) => Math.round(8 * normal) / 8;

/** Gives each case's results, by name. */
type Case = readonly [name: string, work: (ops: Ops, make: Make) => Readonly<Record<string, Tensor>>];

const moves: readonly Case[] = [
  ['reshape', (ops, make) => ({ y: ops.reshape(make('x', [2, 3, 4]), [4, 6]) })],
  [
    'transpose',
    (ops, make) => ({
      matrix: ops.transpose(make('x', [5, 7]), [1, 0]),
      heads: ops.transpose(make('x', [2, 5, 3, 4]), [0, 2, 1, 3]),
      lastMoved: ops.transpose(make('x', [2, 5, 3, 4]), [0, 3, 1, 2]),
      firstMoved: ops.transpose(make('x', [2, 5, 3, 9]), [3, 2, 0, 1]),
      kept: ops.transpose(make('x', [2, 3]), [0, 1]),
      five: ops.transpose(make('x', [2, 3, 2, 5, 3]), [4, 1, 3, 0, 2]),
      one: ops.transpose(make('x', [1, 3, 1, 2]), [2, 3, 0, 1]),
    }),
  ],
  [
    'slice',
    (ops, make) => ({
      inner: ops.slice(make('x', [4, 5, 6]), [1, 2, 3], [2, 3, 3]),
      rows: ops.slice(make('x', [4, 5, 6]), [1, 0, 0], [2, 5, 6]),
      channels: ops.slice(make('x', [2, 3, 3, 8]), [0, 0, 0, 4], [2, 3, 3, 4]),
      token: ops.slice(make('x', [2, 5, 3]), [0, 0, 0], [2, 1, 3]),
      all: ops.slice(make('x', [7]), [0], [7]),
    }),
  ],
  [
    'concat',
    (ops, make) => ({
      channels: ops.concat([make('a', [2, 3, 2, 3]), make('b', [2, 3, 2, 5]), make('c', [2, 3, 2, 1])], 3),
      eights: ops.concat([make('a', [2, 3, 2, 8]), make('b', [2, 3, 2, 8])], 3),
      rows: ops.concat([make('a', [1, 4]), make('b', [3, 4])], 0),
      tokens: ops.concat([make('a', [2, 1, 4]), make('b', [2, 5, 4])], 1),
      alone: ops.concat([make('a', [2, 3])], 1),
    }),
  ],
  [
    'pad',
    (ops, make) => ({
      zeros: ops.pad(make('x', [2, 3, 4, 5]), [
        [0, 0],
        [1, 2],
        [0, 3],
        [0, 0],
      ]),
      channels: ops.pad(make('x', [2, 3]), [
        [0, 0],
        [1, 0],
      ]),
      value: ops.pad(make('x', [3]), [[2, 1]], -1.5),
      lowest: ops.pad(make('x', [3]), [[0, 1]], Number.NEGATIVE_INFINITY),
      none: ops.pad(make('x', [3]), [[0, 0]]),
    }),
  ],
  [
    'everyNth',
    (ops, make) => ({
      space: ops.everyNth(make('x', [2, 5, 6, 3]), [1, 2, 2, 1]),
      eights: ops.everyNth(make('x', [2, 5, 6, 8]), [1, 2, 3, 1]),
      last: ops.everyNth(make('x', [2, 7]), [1, 3]),
      all: ops.everyNth(make('x', [2, 7]), [1, 1]),
    }),
  ],
  [
    'spread',
    (ops, make) => ({
      space: ops.spread(make('x', [2, 3, 3, 3]), [1, 2, 2, 1], [2, 5, 6, 3]),
      eights: ops.spread(make('x', [2, 3, 2, 8]), [1, 2, 3, 1], [2, 5, 6, 8]),
      last: ops.spread(make('x', [2, 3]), [1, 3], [2, 7]),
    }),
  ],
];

const sums: readonly Case[] = [
  ...(
    [
      ['channels', [2, 3, 2, 5], [1, 1, 1, 5]],
      ['gates', [2, 3, 2, 8], [2, 1, 1, 8]],
      ['odd gates', [2, 3, 2, 5], [2, 1, 1, 5]],
      ['places', [2, 3, 2, 8], [1, 3, 2, 1]],
      ['rows', [3, 4, 6], [3, 4, 1]],
      ['positions', [3, 4, 6], [1, 4, 6]],
      ['a number', [3, 4], [1, 1]],
      ['both sides', [3, 1, 5], [1, 4, 5]],
      ['crosswise', [3, 1], [1, 4]],
      ['equal shapes', [3, 5], [3, 5]],
    ] as const
  ).map(
    ([name, a, b]): Case => [
      `add, multiply: ${name}`,
      (ops, make) => {
        const [x, y] = [make('a', a), make('b', b)];
        return { add: ops.add(x, y), multiply: ops.multiply(x, y), swapped: ops.add(y, x), by: ops.multiply(y, x) };
      },
    ],
  ),
  [
    'sumTo',
    (ops, make) => ({
      channels: ops.sumTo(make('x', [3, 4, 5, 8]), [1, 1, 1, 8]),
      odd: ops.sumTo(make('x', [3, 4, 5, 3]), [1, 1, 1, 3]),
      gates: ops.sumTo(make('x', [3, 4, 5, 8]), [3, 1, 1, 8]),
      rows: ops.sumTo(make('x', [3, 7]), [3, 1]),
      middle: ops.sumTo(make('x', [3, 4, 5]), [3, 1, 5]),
      outer: ops.sumTo(make('x', [3, 4, 5]), [1, 4, 1]),
      all: ops.sumTo(make('x', [3, 4, 5]), [1, 1, 1]),
      none: ops.sumTo(make('x', [3, 4]), [3, 4]),
    }),
  ],
  ['scale', (ops, make) => ({ y: ops.scale(make('x', [3, 5]), 1 / Math.sqrt(48)) })],
];

const rows = (
  [
    [2, 3, 8],
    [5, 5],
    [1, 1],
    [3, 197],
    [2, 2, 4, 12],
  ] as const
).map(
  (shape): Case => [
    `softmax and layerNorm of [${shape}]`,
    (ops, make) => {
      const x = make('x', shape, (normal) => 3 * normal + 2);
      const exact = inputsOf(ops, 'float32');
      const [scale, shift] = ['scale', 'shift'].map((label) => exact(label, shape.slice(-1)));
      const y = ops.softmax(x);
      const dy = make('dy', shape);
      const { dx, dScale, dShift } = ops.layerNormGradient(dy, x, scale!, 1e-2);
      return {
        y,
        dySoftmax: ops.softmaxGradient(
          dy,
          make('share', shape, (normal) => Math.abs(normal) / 4),
        ),
        norm: ops.layerNorm(x, scale!, shift!, 1e-2),
        ...{ dx, dScale, dShift },
      };
    },
  ],
);

const products = (
  [
    ['attention', [2, 3, 5, 4], [2, 3, 4, 5]],
    ['one matrix', [3, 4], [4, 5]],
    ['odd', [3, 1, 7], [3, 7, 3]],
    ['rows', [2, 2, 9, 8], [2, 2, 8, 1]],
  ] as const
).map(
  ([name, a, b]): Case => [
    `batchedMatmul: ${name}`,
    (ops, make) => {
      const flipped = (shape: readonly number[]) => [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!];
      const [x, y] = [make('a', a), make('b', b)];
      const [xt, yt] = [make('at', flipped(a)), make('bt', flipped(b))];
      return {
        plain: ops.batchedMatmul(x, y),
        a: ops.batchedMatmul(xt, y, { a: true }),
        b: ops.batchedMatmul(x, yt, { b: true }),
        both: ops.batchedMatmul(xt, yt, { a: true, b: true }),
      };
    },
  ],
);

function downloads(ops: Ops, tensors: Readonly<Record<string, Tensor>>): Values {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, ops.download(tensor)]));
}

describe.each(engines)('$name keeps to the formulas$reason', ({ ops: engine }) => {
  const ops = engine!; // only used where the tests below are not skipped
  const dtypes = (['float32', 'bfloat16'] as const).filter((dtype) => dtype === 'float32' || engine?.hasBfloat16);

  describe.each(dtypes)('%s', (dtype) => {
    const agree = (work: Case[1], tolerance = tolerances[dtype]) =>
      expectSame(ops, (each) => each.scope(() => downloads(each, work(each, inputsOf(each, dtype)))), tolerance);

    test.skipIf(!engine).each(moves)('%s, exactly', (_, work) => {
      agree((each, make) => work(each, (label, shape) => make(label, shape, inEighths)), 1e-9);
    });

    test.skipIf(!engine).each([...sums, ...products])('%s', (_, work) => agree(work));

    test.skipIf(!engine).each(rows)('%s', (_, work) => agree(work, dtype === 'float32' ? 1e-5 : 2e-2));

    test.skipIf(!engine).each(named)('$name and its gradient', ({ f }) => {
      agree((each, make) => {
        const x = make('x', [50, 7], (normal) => inEighths(2 * normal)); // meets the bounds
        return { y: each.activate(x, f), dx: each.activateGradient(make('dy', [50, 7]), x, f) };
      });
    });

    test.skipIf(!engine).each(windows)('depthwise convolution, $name', ({ h, w, c, m, size, ...window }) => {
      agree((each, make) => {
        const [x, kernel] = [make('x', [2, h, w, c]), make('kernel', [...size, c, m])];
        const bias = make('bias', [c * m]);
        const y = each.convolveDepthwise(x, kernel, window);
        const dy = make('dy', y.shape);
        return {
          y,
          relu: each.convolveDepthwise(x, kernel, window, { bias, relu: true }),
          clipped: each.convolveDepthwise(x, kernel, window, { bias, activation: activations[0]! }),
          silu: each.convolveDepthwise(x, kernel, window, { activation: { kind: 'silu' } }),
          dx: each.convolveDepthwiseInputGradient(dy, kernel, window, x.shape),
          dKernel: each.convolveDepthwiseKernelGradient(dy, x, window, kernel.shape),
        };
      });
    });

    test.skipIf(!engine)('convolution ends with any activation', () => {
      agree((each, make) => {
        const [x, kernel, bias] = [make('x', [2, 4, 5, 3]), make('kernel', [3, 3, 3, 4]), make('bias', [4])];
        const window = { stride: 1, padding: 1 };
        const residual = make('residual', [2, 4, 5, 4]);
        const results = activations.flatMap((activation, i) => [
          [`biased ${i}`, each.convolve(x, kernel, window, { bias, activation })] as const,
          [`whole ${i}`, each.convolve(x, kernel, window, { bias, residual, activation })] as const,
          [`alone ${i}`, each.convolve(x, kernel, window, { activation })] as const,
        ]);
        return Object.fromEntries(results);
      }, 3 * tolerances[dtype]); // a clipped result is smaller than what was rounded
    });
  });

  test.skipIf(!engine)('the far ends of the activations are finite and right', () => {
    const ends = Float32Array.of(-1e15, -200, -90, -20, -9, -6, -3, 0, 3, 6, 9, 20, 90, 200, 1e15);
    for (const { f } of named) {
      expectSame(
        ops,
        (each) =>
          each.scope(() => {
            const [x, dy] = [each.upload(ends, [15]), each.upload(new Float32Array(15).fill(1), [15])];
            const y = each.download(each.activate(x, f));
            expect(y.every(Number.isFinite)).toBe(true);
            return {
              y: y.map((value) => value / Math.max(1, Math.abs(value))),
              dx: each.download(each.activateGradient(dy, x, f)),
            };
          }),
        1e-6,
      );
    }
  });
});
