import type { Window } from '../../ops.ts';
import { type Geometry, geometryOf } from './geometry.ts';

/** A convolution of each channel with `each` kernels of its own; `outputs` are `inputs * each`. */
export interface DepthwiseGeometry extends Geometry {
  readonly each: number;
}

/** @throws StudyError `core/shape-mismatch` where the shapes do not belong together or leave no output. */
export function depthwiseGeometry(
  input: readonly number[],
  kernel: readonly number[],
  window: Window,
): DepthwiseGeometry {
  const geometry = geometryOf(input, kernel, window);
  return { ...geometry, each: kernel[3]!, outputs: geometry.inputs * kernel[3]! };
}
