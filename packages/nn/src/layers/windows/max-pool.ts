import type { Ops, PoolWindow, Tensor, Window } from '@espalier/engine';
import type { LayerKind } from '../kind.ts';
import { misfit, onlyInput } from '../shapes.ts';
import { betweenSteps, bordered, everyStep, innerWindow, plainWindow, withoutBorder } from './uneven.ts';
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
  const window = plainWindow(layer);
  if (window) return ops.maxPool(x, over(layer, window));
  return ops.scope((keep) => keep(everyStep(ops, layer, innerPool(ops, layer, bordered(ops, layer, x, lowest)))));
}

function poolGradient(ops: Ops, layer: MaxPoolLayer, x: Tensor, y: Tensor, dy: Tensor): Tensor {
  const window = plainWindow(layer);
  if (window) return ops.maxPoolGradient(dy, x, y, over(layer, window));
  return ops.scope((keep) => {
    const inner = bordered(ops, layer, x, lowest);
    const upstream = betweenSteps(ops, layer, { x, dy });
    const all = upstream === dy ? y : innerPool(ops, layer, inner);
    const dInner = ops.maxPoolGradient(upstream, inner, all, over(layer, innerWindow(layer)));
    return keep(withoutBorder(ops, layer, dInner, x.shape));
  });
}

function innerPool(ops: Ops, layer: MaxPoolLayer, inner: Tensor): Tensor {
  return ops.maxPool(inner, over(layer, innerWindow(layer)));
}

function over({ kernel: [height, width] }: MaxPoolLayer, window: Window): PoolWindow {
  return { height, width, ...window };
}
