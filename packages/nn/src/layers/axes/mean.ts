import { sizeOf } from '@espalier/core';
import type { Tensor } from '@espalier/engine';
import type { LayerKind } from '../kind.ts';
import { onlyInput } from '../shapes.ts';

/** The mean over some axes, which go or stay with length 1; over rows and columns it is the global mean. */
export interface MeanLayer {
  readonly kind: 'mean';
  /** Axes of the value for one image, from 0, ascending. */
  readonly axes: readonly number[];
  readonly keepsAxes: boolean;
}

export const mean: LayerKind<MeanLayer> = {
  shape({ axes, keepsAxes }, inputs) {
    const x = onlyInput('mean', inputs, null);
    return keepsAxes ? x.map((length, i) => (axes.includes(i) ? 1 : length)) : x.filter((_, i) => !axes.includes(i));
  },
  forward: ({ ops, inputs }, layer) => {
    const [x] = inputs as readonly [Tensor];
    if (isOverSpace(x, layer)) return ops.spatialMean(x);
    return ops.scope((keep) => {
      const summed = reduced(x, layer);
      const means = ops.scale(ops.sumTo(x, summed), sizeOf(summed) / sizeOf(x.shape));
      return keep(ops.reshape(means, layer.keepsAxes ? summed : withoutAxes(x, layer)));
    });
  },
  backward: ({ ops, inputs, dy }, layer) => {
    const [x] = inputs as readonly [Tensor];
    if (isOverSpace(x, layer)) return [ops.spatialMeanGradient(dy, x.shape[1]!, x.shape[2]!)];
    return ops.scope((keep) => {
      const summed = reduced(x, layer);
      const shares = ops.scale(ops.reshape(dy, summed), sizeOf(summed) / sizeOf(x.shape));
      const zeros = ops.cast(ops.upload(new Float32Array(sizeOf(x.shape)), x.shape), dy.dtype);
      return [keep(ops.add(zeros, shares))];
    });
  },
};

/** What the engines have a pass for. */
function isOverSpace({ shape }: Tensor, { axes, keepsAxes }: MeanLayer): boolean {
  return shape.length === 4 && !keepsAxes && axes.join() === '0,1';
}

function reduced({ shape }: Tensor, { axes }: MeanLayer): readonly number[] {
  return shape.map((length, i) => (axes.includes(i - 1) ? 1 : length));
}

function withoutAxes({ shape }: Tensor, { axes }: MeanLayer): readonly number[] {
  return shape.filter((_, i) => !axes.includes(i - 1));
}
