import type { Ops, Tensor } from '@espalier/engine';
import type { LayerKind } from '../kind.ts';
import { misfit, onlyInput } from '../shapes.ts';
import { betweenSteps, bordered, borderedShape, everyStep, innerWindow, withoutBorder } from './uneven.ts';
import { type LayerWindow, windowedSize } from './window.ts';

/** The mean of every window, channel by channel. */
export interface AveragePoolLayer extends LayerWindow {
  readonly kind: 'average-pool';
  /** Whether the border counts as zeros in the mean (PyTorch's `count_include_pad`). */
  readonly countsPadding: boolean;
  /** What ceil mode adds below and on the right, which is never counted. */
  readonly overhang: readonly [number, number];
}

export const averagePool: LayerKind<AveragePoolLayer> = {
  shape(layer, inputs) {
    const x = onlyInput('average-pool', inputs, 3);
    const shape = [...windowedSize(x, withOverhang(layer)), x[2]!];
    if (Math.min(...shape) < 1) throw misfit('average-pool', 'a map as large as the window at least', inputs);
    return shape;
  },
  forward: ({ ops, inputs }, layer) => {
    const [x] = inputs as readonly [Tensor];
    return ops.scope((keep) => {
      const inner = bordered(ops, withOverhang(layer), x);
      const sums = everyStep(ops, layer, ops.convolveDepthwise(inner, ones(ops, layer, x), innerWindow(layer)));
      return keep(ops.multiply(sums, shares(ops, layer, x)));
    });
  },
  backward: ({ ops, inputs, dy }, layer) => {
    const [x] = inputs as readonly [Tensor];
    return ops.scope((keep) => {
      const dSums = ops.multiply(dy, shares(ops, layer, x));
      const window = withOverhang(layer);
      const upstream = betweenSteps(ops, window, { x, dy: dSums });
      const shape = borderedShape(window, x);
      const dInner = ops.convolveDepthwiseInputGradient(upstream, ones(ops, layer, x), innerWindow(layer), shape);
      return [keep(withoutBorder(ops, window, dInner, x.shape))];
    });
  },
};

/** The window with the overhang as part of its border. */
function withOverhang({ padding: [top, bottom, left, right], overhang, ...rest }: AveragePoolLayer): LayerWindow {
  return { ...rest, padding: [top, bottom + overhang[0], left, right + overhang[1]] };
}

function ones(ops: Ops, { kernel }: AveragePoolLayer, x: Tensor): Tensor {
  const channels = x.shape[3]!;
  const values = new Float32Array(kernel[0] * kernel[1] * channels).fill(1);
  return ops.cast(ops.upload(values, [...kernel, channels, 1]), x.dtype);
}

/** One over the places that each window counts, `[1, height, width, 1]`. */
function shares(ops: Ops, layer: AveragePoolLayer, x: Tensor): Tensor {
  const rows = countsAlong(x.shape[1]!, 0, layer);
  const columns = countsAlong(x.shape[2]!, 1, layer);
  const values = Float32Array.from(rows.flatMap((row) => columns.map((column) => 1 / (row * column))));
  return ops.cast(ops.upload(values, [1, rows.length, columns.length, 1]), x.dtype);
}

/** How many places of one axis each window counts. */
function countsAlong(length: number, axis: 0 | 1, layer: AveragePoolLayer): readonly number[] {
  const { kernel, stride, padding, overhang, countsPadding } = layer;
  const [before, after] = [padding[2 * axis]!, padding[2 * axis + 1]!];
  const windows = Math.floor((length + before + after + overhang[axis] - kernel[axis]) / stride[axis]) + 1;
  const [first, end] = countsPadding ? [0, length + before + after] : [before, before + length];
  return Array.from({ length: windows }, (_, i) => {
    const start = i * stride[axis];
    return Math.max(1, Math.min(start + kernel[axis], end) - Math.max(start, first));
  });
}
