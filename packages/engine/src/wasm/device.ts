import type { Tensor, Variable } from '../ops.ts';
import { Scopes } from '../scopes.ts';
import { expectShape } from '../shapes/expect-shape.ts';
import { Handle } from './handle.ts';
import type { FloatBuffer, Heap } from './heap.ts';

/** The memory, and who owns what in it. */
export class Device {
  readonly heap: Heap;
  readonly scopes = new Scopes<Handle>(({ buffer }) => buffer.release());

  constructor(heap: Heap) {
    this.heap = heap;
  }

  /** A tensor of the innermost scope. */
  own(shape: readonly number[], buffer: FloatBuffer): Handle {
    return this.scopes.own(new Handle(shape, buffer));
  }

  /** @throws StudyError `core/shape-mismatch` where a shape is expected, and the value has another */
  buffer(value: Tensor | Variable, shape = value.shape): FloatBuffer {
    const handle = value as Handle; // every tensor and variable of these ops is a Handle
    if (!this.scopes.isLive(handle)) throw new Error('A tensor was used after its release. Keep it in its scope.');
    expectShape(value.shape, shape);
    return handle.buffer;
  }

  /** The variable's buffer, its own alone, about to be changed. */
  writable(variable: Variable, shape = variable.shape): FloatBuffer {
    const handle = variable as Handle; // every variable of these ops is a Handle
    const buffer = this.buffer(variable, shape);
    if (buffer.isShared) {
      handle.buffer = this.heap.copy(buffer);
      buffer.release();
    }
    handle.buffer.changed();
    return handle.buffer;
  }
}
