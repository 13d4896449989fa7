import { StudyError } from '@espalier/core';
import { assemble, instantiate, type WebAssemblyMemory } from '@espalier/simd';
import { activationKernels } from './kernels/activation-kernels.ts';
import { boxKernels } from './kernels/box-kernels.ts';
import { channelKernels } from './kernels/channel-kernels.ts';
import { elementwiseKernels } from './kernels/elementwise-kernels.ts';
import { layoutKernels } from './kernels/layout-kernels.ts';
import { productKernels } from './kernels/product-kernels.ts';
import { rowKernels } from './kernels/row-kernels.ts';
import type { TfjsModule } from './tfjs-module.ts';

const definitions = {
  ...elementwiseKernels,
  ...activationKernels,
  ...channelKernels,
  ...rowKernels,
  ...boxKernels,
  ...productKernels,
  ...layoutKernels,
};

/** Our own kernels: they take addresses in bytes and counts. */
export type Kernels = Readonly<Record<keyof typeof definitions, (...numbers: number[]) => void>>;

/** Cache lines, so that no vector straddles two. */
const alignment = 64;

/**
 * float32 values in WebAssembly memory, counted by reference. The address is a multiple of 64, and the space is a
 * multiple of four values, so that kernels need no special case for the last few.
 */
export class FloatBuffer implements Disposable {
  readonly heap: Heap;
  readonly count: number;
  readonly address: number;
  readonly #base: number;
  #references = 1;
  #id = 0;
  #derived: Map<string, FloatBuffer> | null = null;

  constructor(heap: Heap, count: number, base: number) {
    this.heap = heap;
    this.count = count;
    this.#base = base;
    this.address = Math.ceil(base / alignment) * alignment;
  }

  /** Groups of four values, the last one padded. */
  get vectors(): number {
    return Math.ceil(this.count / 4);
  }

  get isShared(): boolean {
    return this.#references > 1;
  }

  /** A view, valid until something is allocated. */
  get values(): Float32Array {
    return new Float32Array(this.heap.memory.buffer, this.address, this.count);
  }

  /** The same memory read as float64. */
  get doubles(): Float64Array {
    return new Float64Array(this.heap.memory.buffer, this.address, this.count / 2);
  }

  /** The number by which tfjs's kernels know this buffer. They keep what they derived from a kernel under it. */
  get id(): number {
    this.#id ||= this.heap.register(this);
    return this.#id;
  }

  /** What `make` computes from this buffer, kept until the buffer changes or goes. */
  derive(name: string, make: () => FloatBuffer): FloatBuffer {
    this.#derived ??= new Map();
    const derived = this.#derived.get(name) ?? make();
    this.#derived.set(name, derived);
    return derived;
  }

  /** Belongs to every change of the values: forgets all that was derived from them. */
  changed(): void {
    if (this.#id) this.heap.tfjs._dispose_data(this.#id);
    this.#id = 0;
    for (const buffer of this.#derived?.values() ?? []) buffer.release();
    this.#derived = null;
  }

  share(): FloatBuffer {
    this.#references++;
    return this;
  }

  release(): void {
    if (--this.#references > 0) return;
    this.changed();
    this.heap.free(this.count, this.#base);
  }

  [Symbol.dispose](): void {
    this.release();
  }
}

/** The memory that tfjs's kernels and ours share. */
export class Heap {
  readonly tfjs: TfjsModule;
  readonly kernels: Kernels;
  readonly memory: WebAssemblyMemory;
  #nextId = 1;
  #buffers = 0;
  #bytes = 0;

  constructor(tfjs: TfjsModule) {
    this.tfjs = tfjs;
    this.memory = tfjs.asm.memory;
    this.kernels = instantiate(assemble(definitions), this.memory) as Kernels; // exported under the definitions' names
  }

  /** @throws StudyError `engine/unavailable` when the memory of 4 GB is used up. */
  allocate(count: number): FloatBuffer {
    const bytes = bytesOf(count);
    const base = this.tfjs._malloc(bytes) >>> 0;
    if (base !== 0) {
      this.#buffers++;
      this.#bytes += bytes;
      return new FloatBuffer(this, count, base);
    }
    throw new StudyError(
      'engine/unavailable',
      `The wasm engine needs ${bytes} bytes more, but a WebAssembly memory ends at 4 GB and ` +
        `${this.memory.buffer.byteLength} bytes are reserved. Use smaller batches or the tensorflow engine.`,
    );
  }

  free(count: number, base: number): void {
    this.tfjs._free(base);
    this.#buffers--;
    this.#bytes -= bytesOf(count);
  }

  /** Buffers alive with their bytes, and the bytes taken from the system, which are never given back. */
  get usage(): { readonly buffers: number; readonly bytes: number; readonly reserved: number } {
    return { buffers: this.#buffers, bytes: this.#bytes, reserved: this.memory.buffer.byteLength };
  }

  zeros(count: number): FloatBuffer {
    const buffer = this.allocate(count);
    buffer.values.fill(0);
    return buffer;
  }

  from(values: ArrayLike<number>): FloatBuffer {
    const buffer = this.allocate(values.length);
    buffer.values.set(values);
    return buffer;
  }

  copy({ count, address }: FloatBuffer): FloatBuffer {
    const buffer = this.allocate(count);
    new Uint8Array(this.memory.buffer).copyWithin(buffer.address, address, address + 4 * count);
    return buffer;
  }

  /** float64 zeros: an address for kernels that sum, readable through `doubles`. */
  doubles(count: number): FloatBuffer {
    return this.zeros(2 * count);
  }

  /** Part of a buffer as tfjs's kernels know it, until disposed of. */
  part({ address }: FloatBuffer, start: number, count: number): Disposable & { readonly id: number } {
    const id = this.register({ count, address: address + 4 * start });
    return { id, [Symbol.dispose]: () => this.tfjs._dispose_data(id) };
  }

  register({ count, address }: { readonly count: number; readonly address: number }): number {
    const id = this.#nextId++;
    this.tfjs._register_tensor(id, count, address);
    return id;
  }
}

function bytesOf(count: number): number {
  return Math.ceil(count / 4) * 16 + alignment;
}
