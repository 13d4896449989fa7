import { groupsOf } from '../batch-norm.ts';
import type { FloatBuffer, Heap } from '../heap.ts';

/** What follows the sums of a convolution or product, in this order. */
export interface Epilogue {
  readonly bias?: FloatBuffer | undefined;
  readonly residual?: FloatBuffer | undefined;
  readonly relu?: boolean | undefined;
  readonly relu6?: boolean | undefined;
}

/** Adds the bias, and applies relu or relu6, in place, to rows of `columns` values. */
export function finish(
  heap: Heap,
  { address, count, vectors }: FloatBuffer,
  columns: number,
  { bias, relu, relu6 }: Omit<Epilogue, 'residual'>,
): void {
  const { groups, lanes } = groupsOf(columns);
  if (bias) heap.kernels[`addBias${lanes}`](address, bias.address, address, count / columns, groups);
  if (relu) heap.kernels.relu(address, address, vectors);
  if (!relu6) return;
  using bounds = heap.from([0, 6]);
  heap.kernels.clip(address, address, bounds.address, vectors);
}
