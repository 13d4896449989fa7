import { sizeOf } from '@espalier/core';
import type { Tensor } from '@espalier/engine';
import { keepsInputs, type LayerKind } from '../kind.ts';
import { misfit } from '../shapes.ts';

/** Products of matrices, the last two axes: `[..., m, k]` with `[..., k, n]`, or with `[..., n, k]` where `transposesSecond`. */
export interface MatmulLayer {
  readonly kind: 'matmul';
  readonly transposesSecond: boolean;
}

export const matmul: LayerKind<MatmulLayer> = {
  shape({ transposesSecond }, inputs) {
    const [a, b] = inputs;
    const [k, n] = transposesSecond ? [b?.at(-1), b?.at(-2)] : [b?.at(-2), b?.at(-1)];
    const alike = a && b && a.length === b.length && a.slice(0, -2).join() === b.slice(0, -2).join();
    if (inputs.length === 2 && alike && a.length >= 2 && a.at(-1) === k) return a.with(-1, n!);
    throw misfit('matmul', 'two values of matrices that can be multiplied', inputs);
  },
  products: (_, [a], output) => ({ ofValues: sizeOf(output) * a!.at(-1)! }), // k for every number of the output
  keeps: () => keepsInputs,
  forward: ({ ops, inputs }, { transposesSecond }) =>
    ops.batchedMatmul(inputs[0]!, inputs[1]!, { b: transposesSecond }),
  backward({ ops, inputs, dy, wanted }, { transposesSecond }) {
    const [a, b] = inputs as readonly [Tensor, Tensor];
    const da = wanted[0] ? ops.batchedMatmul(dy, b, { b: !transposesSecond }) : null;
    if (!wanted[1]) return [da, null];
    return [da, transposesSecond ? ops.batchedMatmul(dy, a, { a: true }) : ops.batchedMatmul(a, dy, { a: true })];
  },
};
