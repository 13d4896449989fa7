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
