import type { Ops, Tensor } from '@espalier/engine';

/** The gradient of a value that was repeated: `dy` summed over the axes in which `input` has length 1. A tensor of its own. */
export function fittedTo(ops: Ops, dy: Tensor, input: Tensor): Tensor {
  return dy.shape.join() === input.shape.join() ? ops.reshape(dy, dy.shape) : ops.sumTo(dy, input.shape);
}
