import type { ConvolutionEpilogue, Tensor } from '../ops.ts';
import { expectShape } from '../shapes/expect-shape.ts';
import { activate } from './activations.ts';
import { add } from './broadcast.ts';
import { addBias, relu } from './elementwise.ts';
import { type NativeTensor, native, type Runtime } from './runtime.ts';

/** The parts of an epilogue one after the other, each in a pass of its own; `y` is released as soon as it is used. */
export function withEpilogue(runtime: Runtime, y: NativeTensor, epilogue: ConvolutionEpilogue): NativeTensor {
  const { bias, residual } = epilogue;
  expectEpilogue(y.shape, epilogue);
  let result = y;
  const replaceBy = (next: Tensor): void => {
    runtime.scopes.release(result);
    result = native(next);
  };
  if (bias) replaceBy(addBias(runtime, result, bias));
  if (residual) replaceBy(add(runtime, result, residual));
  if (epilogue.activation) replaceBy(activate(runtime, result, epilogue.activation));
  else if (epilogue.relu) replaceBy(relu(runtime, result));
  return result;
}

/** @throws StudyError `core/shape-mismatch` unless the epilogue belongs to a result of `shape` */
export function expectEpilogue(shape: readonly number[], { bias, residual }: ConvolutionEpilogue): void {
  if (bias) expectShape(bias.shape, shape.slice(-1));
  if (residual) expectShape(residual.shape, shape);
}
