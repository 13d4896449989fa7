import { StudyError } from '@espalier/core';
import type { Tensor } from '../ops.ts';
import type { FloatBuffer } from './heap.ts';

/** A tensor or a variable: a shape over a buffer that may be shared until one of them changes it. */
export class Handle implements Tensor {
  readonly dtype = 'float32';
  readonly shape: readonly number[];
  buffer: FloatBuffer;

  constructor(shape: readonly number[], buffer: FloatBuffer) {
    this.shape = shape;
    this.buffer = buffer;
  }
}

/**
 * Our kernels and tfjs's would read and write past the end of a tensor that is too small.
 *
 * @throws StudyError `core/shape-mismatch`
 */
export function expectShape(found: readonly number[], expected: readonly number[]): void {
  if (found.length === expected.length && found.every((length, i) => length === expected[i])) return;
  const [is, should] = [found, expected].map((shape) => `[${shape.join(', ')}]`);
  throw new StudyError('core/shape-mismatch', `An operation expected a tensor of shape ${should}, found ${is}.`);
}
