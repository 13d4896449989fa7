import type { Ops, Tensor } from '../src/ops.ts';
import { inputsOf } from './engine-comparison.ts';

type Make = ReturnType<typeof inputsOf>;

/** Depthwise convolutions. */
export const windows = [
  { name: '3x3', h: 7, w: 6, c: 5, m: 1, size: [3, 3], stride: 1, padding: 1 },
  { name: '3x3 stride 2, odd', h: 7, w: 9, c: 8, m: 1, size: [3, 3], stride: 2, padding: 1 },
  { name: '3x3 stride 2, even', h: 8, w: 6, c: 3, m: 1, size: [3, 3], stride: 2, padding: 1 },
  { name: '5x5 stride 2 with two kernels a channel', h: 9, w: 8, c: 3, m: 2, size: [5, 5], stride: 2, padding: 2 },
  { name: '7x7, taps beyond the map', h: 3, w: 2, c: 4, m: 1, size: [7, 7], stride: 1, padding: 3 },
  { name: '7x7 with two kernels a channel', h: 9, w: 10, c: 5, m: 2, size: [7, 7], stride: 2, padding: 3 },
  { name: '3x3 without padding', h: 5, w: 4, c: 8, m: 1, size: [3, 3], stride: 1, padding: 0 },
  { name: '1x5', h: 4, w: 7, c: 1, m: 3, size: [1, 5], stride: 1, padding: 0 },
  { name: '1x1 stride 2', h: 5, w: 5, c: 16, m: 1, size: [1, 1], stride: 2, padding: 0 },
  { name: '2x2 stride 3 that leaves the border out', h: 7, w: 8, c: 4, m: 1, size: [2, 2], stride: 3, padding: 0 },
  { name: 'one row', h: 1, w: 9, c: 12, m: 1, size: [3, 3], stride: 1, padding: 1 },
];

/** A number that bfloat16 has. */
export const inEighths = (normal: number) => Math.round(8 * normal) / 8;

/** Gives each case's results, by name. */
export type LayerCase = readonly [name: string, work: (ops: Ops, make: Make) => Readonly<Record<string, Tensor>>];

const nine = [2, 1, 2, 3, 1, 2, 1, 2, 3];
const steps = [1, 1, 2, 2, 1, 1, 1, 2, 1];
const border = nine.map((_, axis) => [axis % 2, axis % 3] as const);

export const moves: readonly LayerCase[] = [
  [
    'nine axes',
    (ops, make) => ({
      transpose: ops.transpose(make('x', nine), [8, 1, 6, 3, 4, 5, 2, 7, 0]),
      slice: ops.slice(make('x', nine), [1, 0, 0, 1, 0, 1, 0, 0, 2], [1, 1, 2, 2, 1, 1, 1, 2, 1]),
      pad: ops.pad(make('x', nine), border, 1.5),
      padSeven: ops.pad(make('x', nine.slice(2)), border.slice(2)),
      everyNth: ops.everyNth(make('x', nine), steps),
      spread: ops.spread(
        make('x', nine),
        steps,
        nine.map((length, axis) => (length - 1) * steps[axis]! + 1),
      ),
      concat: ops.concat([make('x', nine), make('y', nine)], 4),
    }),
  ],
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
      even: ops.spread(make('x', [2, 3, 2, 4]), [1, 2, 2, 1], [2, 6, 4, 4]),
      many: ops.spread(make('x', [2, 1, 2, 1, 2]), [2, 3, 2, 1, 2], [3, 2, 4, 1, 3]),
    }),
  ],
];

export const sums: readonly LayerCase[] = [
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
      ['six sides in turns', [2, 1, 3, 1, 2, 1], [1, 2, 1, 3, 1, 2]],
      ['nine sides in turns', [2, 1, 2, 3, 1, 2, 1, 2, 3], [2, 2, 1, 3, 2, 1, 2, 2, 1]],
      ['ten axes, some of length 1', [2, 1, 1, 3, 2, 1, 1, 2, 1, 2], [2, 2, 1, 3, 1, 1, 2, 2, 1, 1]],
    ] as const
  ).map(
    ([name, a, b]): LayerCase => [
      `add, multiply: ${name}`,
      (ops, make) => {
        const [x, y] = [make('a', a), make('b', b)];
        return { add: ops.add(x, y), multiply: ops.multiply(x, y), swapped: ops.add(y, x), by: ops.multiply(y, x) };
      },
    ],
  ),
  [
    'a bias of one row',
    (ops, make) => ({ y: ops.addBias(make('x', [5]), make('b', [5])), dBias: ops.biasGradient(make('x', [5])) }),
  ],
  [
    'quotient, of zeros too',
    (ops, make) => {
      const [a, b] = [make('a', [3, 7]), ops.relu(make('b', [3, 7]))];
      const below = ops.scale(b, -1);
      return { exact: ops.quotient(a, b, 0), above: ops.quotient(a, b, 0.25), below: ops.quotient(a, below, 0.25) };
    },
  ],
  [
    'sumTo',
    (ops, make) => ({
      channels: ops.sumTo(make('x', [3, 4, 5, 8]), [1, 1, 1, 8]),
      odd: ops.sumTo(make('x', [3, 4, 5, 3]), [1, 1, 1, 3]),
      gates: ops.sumTo(make('x', [3, 4, 5, 8]), [3, 1, 1, 8]),
      rows: ops.sumTo(make('x', [3, 7]), [3, 1]),
      middle: ops.sumTo(make('x', [3, 4, 5]), [3, 1, 5]),
      outer: ops.sumTo(make('x', [3, 4, 5]), [1, 4, 1]),
      turns: ops.sumTo(make('x', [2, 3, 2, 3, 2, 3, 2]), [2, 1, 2, 1, 2, 1, 2]),
      others: ops.sumTo(make('x', [2, 3, 2, 3, 2, 3, 2]), [1, 3, 1, 3, 1, 3, 1]),
      all: ops.sumTo(make('x', [3, 4, 5]), [1, 1, 1]),
      none: ops.sumTo(make('x', [3, 4]), [3, 4]),
    }),
  ],
  ['scale', (ops, make) => ({ y: ops.scale(make('x', [3, 5]), 1 / Math.sqrt(48)) })],
];

export const rows = (
  [
    [2, 3, 8],
    [5, 5],
    [1, 1],
    [3, 197],
    [2, 2, 4, 12],
  ] as const
).map(
  (shape): LayerCase => [
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

export const products = (
  [
    ['attention', [2, 3, 5, 4], [2, 3, 4, 5]],
    ['one matrix', [3, 4], [4, 5]],
    ['odd', [3, 1, 7], [3, 7, 3]],
    ['rows', [2, 2, 9, 8], [2, 2, 8, 1]],
  ] as const
).map(
  ([name, a, b]): LayerCase => [
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

/** Shapes that do not belong together: every engine says so before it reads anything. */
export const misuses: readonly (readonly [
  string,
  readonly (readonly number[])[],
  (ops: Ops, ...inputs: readonly Tensor[]) => unknown,
])[] = [
  ['a reshape to another size', [[2, 3]], (ops, x) => ops.reshape(x!, [5])],
  ['a permutation that names an axis twice', [[2, 3]], (ops, x) => ops.transpose(x!, [0, 0])],
  ['a permutation of fewer axes', [[2, 3]], (ops, x) => ops.transpose(x!, [0])],
  ['a slice that reaches beyond the end', [[2, 3]], (ops, x) => ops.slice(x!, [0, 2], [2, 2])],
  ['a slice from before the start', [[3]], (ops, x) => ops.slice(x!, [-1], [2])],
  ['a slice of fewer axes', [[2, 3]], (ops, x) => ops.slice(x!, [0], [2])],
  ['nothing to join', [], (ops) => ops.concat([], 0)],
  [
    'parts that differ beside the axis',
    [
      [2, 3],
      [2, 4],
    ],
    (ops, a, b) => ops.concat([a!, b!], 0),
  ],
  ['an axis that is not there', [[2], [2]], (ops, a, b) => ops.concat([a!, b!], 1)],
  ['a negative border', [[2]], (ops, x) => ops.pad(x!, [[-1, 0]])],
  ['a border for fewer axes', [[2, 2]], (ops, x) => ops.pad(x!, [[1, 0]])],
  ['steps of zero', [[4]], (ops, x) => ops.everyNth(x!, [0])],
  ['a spread to a shape that has other n-th values', [[3]], (ops, x) => ops.spread(x!, [2], [7])],
  ['a sum of different ranks', [[2, 3], [3]], (ops, a, b) => ops.add(a!, b!)],
  [
    'a product of lengths 2 and 3',
    [
      [2, 2],
      [2, 3],
    ],
    (ops, a, b) => ops.multiply(a!, b!),
  ],
  [
    'a quotient of another shape',
    [
      [2, 3],
      [3, 2],
    ],
    (ops, a, b) => ops.quotient(a!, b!, 1),
  ],
  ['a sum to a longer axis', [[1, 3]], (ops, x) => ops.sumTo(x!, [2, 3])],
  ['a bias of another length', [[2, 3], [2]], (ops, x, bias) => ops.addBias(x!, bias!)],
  [
    'a gradient of another shape',
    [
      [2, 3],
      [3, 2],
    ],
    (ops, dy, x) => ops.activateGradient(dy!, x!, { kind: 'silu' }),
  ],
  [
    'a softmax of another shape',
    [
      [2, 3],
      [3, 2],
    ],
    (ops, dy, y) => ops.softmaxGradient(dy!, y!),
  ],
  ['a scale of another length', [[2, 3], [2], [3]], (ops, x, scale, shift) => ops.layerNorm(x!, scale!, shift!, 1)],
  [
    'stacks of different heights',
    [
      [2, 3, 4],
      [3, 4, 5],
    ],
    (ops, a, b) => ops.batchedMatmul(a!, b!),
  ],
  [
    'matrices that do not fit',
    [
      [2, 3, 4],
      [2, 3, 4],
    ],
    (ops, a, b) => ops.batchedMatmul(a!, b!),
  ],
  [
    'a depthwise kernel for other channels',
    [
      [1, 4, 4, 3],
      [3, 3, 4, 1],
    ],
    (ops, x, kernel) => ops.convolveDepthwise(x!, kernel!, { stride: 1, padding: 1 }),
  ],
  [
    'a depthwise kernel that is larger than the map',
    [
      [1, 2, 4, 3],
      [3, 3, 3, 1],
    ],
    (ops, x, kernel) => ops.convolveDepthwise(x!, kernel!, { stride: 1, padding: 0 }),
  ],
  [
    'a depthwise gradient of another shape',
    [
      [1, 4, 4, 3],
      [3, 3, 3, 1],
    ],
    (ops, dy, kernel) => ops.convolveDepthwiseInputGradient(dy!, kernel!, { stride: 2, padding: 1 }, [1, 4, 4, 3]),
  ],
  [
    'a convolution whose gradient has another shape',
    [
      [1, 4, 4, 3],
      [1, 4, 4, 2],
    ],
    (ops, dy, x) => ops.convolveKernelGradient(dy!, x!, { stride: 2, padding: 1 }, [3, 3, 2, 3]),
  ],
  [
    'a pool larger than the map',
    [[1, 2, 2, 1]],
    (ops, x) => ops.maxPool(x!, { height: 3, width: 1, stride: 1, padding: 0 }),
  ],
];
