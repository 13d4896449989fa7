import type { ConvolutionEpilogue, Tensor } from '@espalier/engine';
import type { Backward, Forward } from '../kind.ts';
import type { ActivationLayer } from './activation.ts';
import type { ReluLayer } from './relu.ts';

/** What is done to every sum of a convolution or a dense layer in the same pass. */
export type End = ReluLayer | ActivationLayer;

/** The sums as `compute` gives them, with their end; a way back that reads the sums themselves gets them in a pass of their own. */
export function ended(
  { ops, hasWayBack, save }: Forward,
  end: End | undefined,
  compute: (epilogue: Pick<ConvolutionEpilogue, 'relu' | 'activation'>) => Tensor,
): Tensor {
  if (!end) return compute({});
  if (end.kind === 'relu') return compute({ relu: true });
  if (!hasWayBack || isSeenInResult(end)) return compute({ activation: end.function });
  const sums = compute({});
  save(sums);
  return ops.activate(sums, end.function);
}

/** Whether the gradient can be taken of the result. */
export function isSeenInResult(end: End | undefined): boolean {
  return end?.kind === 'relu' || end?.function.kind === 'clip';
}

/** The gradient with respect to the sums. */
export function sumGradient({ ops, dy, output, saved }: Backward, end: End | undefined): Tensor {
  if (!end) return dy;
  if (end.kind === 'relu') return ops.reluGradient(dy, output);
  return ops.activateGradient(dy, isSeenInResult(end) ? output : saved[0]!, end.function);
}
