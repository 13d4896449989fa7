import type { Ops, Tensor } from '@espalier/engine';
import type { Computed } from '../graph/forward.ts';

/** What a rule is asked at one step. */
export interface Arriving {
  readonly ops: Ops;
  readonly step: Computed;
  /** What arrives, of the shape of the step's output. */
  readonly relevance: Tensor;
  /** For each input, whether anybody wants what it has a share in. */
  readonly wanted: readonly boolean[];
  /** For each input, whether it is computed of the images. */
  readonly ofImages: readonly boolean[];
  /** The least and the largest value that each channel of the images can have. */
  readonly box: { readonly least: readonly number[]; readonly largest: readonly number[] };
  /** Whether anybody wants what kernels have a share in. */
  readonly wantsKernels: boolean;
}

/** What a rule hands on. */
export interface Handed {
  /** For each input; null where not wanted. Never what arrived itself. */
  readonly inputs: readonly (Tensor | null)[];
  /** By name, as kernels lie on the device. */
  readonly kernels: readonly (readonly [name: string, relevance: Tensor])[];
  /** For each image: what went to what does not depend on it. */
  readonly absorbed: readonly number[];
  /** For each image: what the epsilon of a quotient, or a divisor of 0, kept back. */
  readonly withheld: readonly number[];
}

/** Sums over all axes but the first. */
export function perImage(ops: Ops, x: Tensor): readonly number[] {
  return [...ops.scope(() => ops.download(ops.sumTo(x, [x.shape[0]!, ...x.shape.slice(1).fill(1)])))];
}

/** a - b, image by image. */
export function less(a: readonly number[], b: readonly number[]): readonly number[] {
  return a.map((value, i) => value - b[i]!);
}

/** a + b, image by image. */
export function plus(a: readonly number[], b: readonly number[]): readonly number[] {
  return a.map((value, i) => value + b[i]!);
}
