import type { Ops, Tensor, Window } from '@espalier/engine';
import { type LayerWindow, windowedSize } from './window.ts';

// The engines have square steps and equal borders. Other borders are added before; of unequal steps, every n-th place of a step of 1 is taken.

type Shape = readonly number[];

/** The engines' own window, or null where it must be made. */
export function plainWindow(layer: LayerWindow): Window | null {
  const [top] = layer.padding;
  return hasSquareSteps(layer) && layer.padding.every((side) => side === top)
    ? { stride: layer.stride[0], padding: top }
    : null;
}

/** What is left to the engine after the border was added. */
export function innerWindow(layer: LayerWindow): Window {
  return { stride: hasSquareSteps(layer) ? layer.stride[0] : 1, padding: 0 };
}

function hasSquareSteps({ stride }: LayerWindow): boolean {
  return stride[0] === stride[1];
}

/** `x` with `value` around it. */
export function bordered(ops: Ops, { padding: [top, bottom, left, right] }: LayerWindow, x: Tensor, value = 0): Tensor {
  if (top + bottom + left + right === 0) return x;
  const border = [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ] as const;
  return ops.pad(x, border, value);
}

/** The shape of `x` with its border. */
export function borderedShape({ padding: [top, bottom, left, right] }: LayerWindow, { shape }: Tensor): Shape {
  const [n, height, width, channels] = shape as readonly [number, number, number, number]; // a map
  return [n, height + top + bottom, width + left + right, channels];
}

/** The part of `dx` that belongs to a map of `shape` without its border. */
export function withoutBorder(ops: Ops, { padding }: LayerWindow, dx: Tensor, shape: Shape): Tensor {
  return padding.every((side) => side === 0) ? dx : ops.slice(dx, [0, padding[0], padding[2], 0], shape);
}

/** The places of `y`, which `innerWindow` gave, that the steps of the layer meet. */
export function everyStep(ops: Ops, layer: LayerWindow, y: Tensor): Tensor {
  return hasSquareSteps(layer) ? y : ops.everyNth(y, [1, ...layer.stride, 1]);
}

/** The adjoint of `everyStep`, for windows over `x`. */
export function betweenSteps(
  ops: Ops,
  layer: LayerWindow,
  { x, dy, dilation }: { readonly x: Tensor; readonly dy: Tensor; readonly dilation?: readonly [number, number] },
): Tensor {
  if (hasSquareSteps(layer)) return dy;
  const size = windowedSize(x.shape.slice(1), { ...layer, stride: [1, 1] }, dilation);
  return ops.spread(dy, [1, ...layer.stride, 1], [x.shape[0]!, ...size, dy.shape[3]!]);
}
