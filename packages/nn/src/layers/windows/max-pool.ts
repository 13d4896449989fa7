import type { Ops, PoolWindow, Tensor } from '@espalier/engine';
import type { LayerKind } from '../kind.ts';
import { misfit, onlyInput } from '../shapes.ts';
import { type LayerWindow, windowedSize } from './window.ts';

/** The largest of every window, channel by channel. What PyTorch's ceil mode adds below and on the right belongs to `padding`. */
export interface MaxPoolLayer extends LayerWindow {
  readonly kind: 'max-pool';
}

/** Below every activation, and finite in bfloat16. */
const lowest = -3e38;

export const maxPool: LayerKind<MaxPoolLayer> = {
  shape(layer, inputs) {
    const x = onlyInput('max-pool', inputs, 3);
    const shape = [...windowedSize(x, layer), x[2]!];
    if (Math.min(...shape) < 1) throw misfit('max-pool', 'a map as large as the window at least', inputs);
    return shape;
  },
  keeps: () => ({ inputs: true, output: true }),
  forward: ({ ops, inputs }, layer) => pooled(ops, layer, inputs[0]!),
  backward: ({ ops, inputs, output, dy }, layer) => [poolGradient(ops, layer, inputs[0]!, output, dy)],
};

function pooled(ops: Ops, layer: MaxPoolLayer, x: Tensor): Tensor {
  const window = engineWindow(layer);
  if (window) return ops.maxPool(x, window);
  return ops.scope((keep) => keep(everyStep(ops, layer, ops.maxPool(bordered(ops, layer, x), innerWindow(layer)))));
}

function poolGradient(ops: Ops, layer: MaxPoolLayer, x: Tensor, y: Tensor, dy: Tensor): Tensor {
  const window = engineWindow(layer);
  if (window) return ops.maxPoolGradient(dy, x, y, window);
  return ops.scope((keep) => {
    const inner = bordered(ops, layer, x);
    const all = isSquare(layer) ? y : ops.maxPool(inner, innerWindow(layer));
    const upstream = isSquare(layer) ? dy : ops.spread(dy, stepsOf(layer), all.shape);
    const dInner = ops.maxPoolGradient(upstream, inner, all, innerWindow(layer));
    return keep(ops.slice(dInner, [0, layer.padding[0], layer.padding[2], 0], x.shape));
  });
}

/** The engines' own window, with equal steps and borders; null where it must be made. */
function engineWindow(layer: MaxPoolLayer): PoolWindow | null {
  const [top] = layer.padding;
  if (!isSquare(layer) || layer.padding.some((side) => side !== top)) return null;
  return { ...innerWindow(layer), padding: top };
}

function innerWindow(layer: MaxPoolLayer): PoolWindow {
  const [height, width] = layer.kernel;
  return { height, width, stride: isSquare(layer) ? layer.stride[0] : 1, padding: 0 };
}

function isSquare({ stride }: MaxPoolLayer): boolean {
  return stride[0] === stride[1];
}

function stepsOf({ stride }: MaxPoolLayer): readonly number[] {
  return [1, ...stride, 1];
}

/** Of a stride of 1, the places that unequal strides meet. */
function everyStep(ops: Ops, layer: MaxPoolLayer, y: Tensor): Tensor {
  return isSquare(layer) ? y : ops.everyNth(y, stepsOf(layer));
}

function bordered(ops: Ops, { padding: [top, bottom, left, right] }: MaxPoolLayer, x: Tensor): Tensor {
  return ops.pad(
    x,
    [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ],
    lowest,
  );
}
