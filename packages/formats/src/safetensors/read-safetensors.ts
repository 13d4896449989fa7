import { type NdArray, StudyError, sizeOf } from '@espalier/core';
import { readHeader, type StoredTensor } from './header.ts';

/** The arrays of a safetensors file, widened to float32, and its free-text metadata. */
export interface Safetensors {
  readonly tensors: ReadonlyMap<string, NdArray>;
  /** The type in which the file holds each array, for example `F32`. */
  readonly dtypes: ReadonlyMap<string, string>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads a safetensors file, as strictly as the reference implementation; only keys that occur twice are refused beyond that.
 * All real types become float32. F64 is rounded; integers beyond 2^24 lose precision.
 *
 * @param file the whole file
 * @param name what to call the file in errors
 * @throws StudyError `files/invalid`, saying which entry is wrong and how; `core/values-not-finite` for a number that float32 cannot
 * hold; `core/not-supported` for complex numbers and for types of less than a byte
 * Source: https://github.com/huggingface/safetensors (format specification).
 */
export function readSafetensors(file: Uint8Array, name = 'safetensors file'): Safetensors {
  const { tensors, metadata } = readHeader(file, name);
  return {
    tensors: new Map(tensors.map((tensor) => [tensor.name, readTensor(file, tensor, name)])),
    dtypes: new Map(tensors.map((tensor) => [tensor.name, tensor.dtype])),
    metadata,
  };
}

/**
 * The shapes of a safetensors file's arrays, in its order, of which only the beginning was read.
 *
 * @param head the first bytes of the file, with the whole header
 * @param size bytes of the whole file
 * @param name what to call the file in errors
 * @throws StudyError `files/invalid` as `readSafetensors`
 */
export function safetensorsShapes(
  head: Uint8Array,
  size: number,
  name = 'safetensors file',
): ReadonlyMap<string, readonly number[]> {
  return new Map(readHeader(head, name, size).tensors.map((tensor) => [tensor.name, tensor.shape]));
}

function readTensor(file: Uint8Array, stored: StoredTensor, name: string): NdArray {
  const { dtype, type, shape, from, to } = stored;
  if (!type.read) {
    throw new StudyError(
      'core/not-supported',
      `${name}: "${stored.name}" holds values of the type ${dtype}, of which none becomes one float32. Save it as F32, F16 or BF16.`,
    );
  }
  const count = sizeOf(shape);
  const axes = axesOf(shape.length);
  // A copy: aligned, and independent of the file's buffer. A Buffer's own slice would be neither.
  const bytes: Uint8Array = Uint8Array.prototype.slice.call(file, from, to);
  if (dtype === 'F32') return { data: new Float32Array(bytes.buffer, bytes.byteOffset, count), shape, axes };
  const data = widened(bytes, count, { bytes: type.bits / 8, read: type.read });
  if (dtype === 'F64') checkRange(bytes, data, `${name}: "${stored.name}"`);
  return { data, shape, axes };
}

function widened(
  bytes: Uint8Array,
  count: number,
  { bytes: size, read }: { readonly bytes: number; readonly read: (view: DataView, at: number) => number },
): Float32Array {
  const data = new Float32Array(count);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let i = 0; i < count; i++) data[i] = read(view, i * size);
  return data;
}

function checkRange(bytes: Uint8Array, data: Float32Array, what: string): void {
  const wide = new Float64Array(bytes.buffer, bytes.byteOffset, data.length);
  const beyond = data.findIndex((value, i) => !Number.isFinite(value) && Number.isFinite(wide[i]));
  if (beyond < 0) return;
  throw new StudyError(
    'core/values-not-finite',
    `${what} holds ${wide[beyond]} at index ${beyond}, which is beyond float32. Espalier computes in float32: scale the values.`,
  );
}

// PyTorch's layout by rank: kernels are o i h w, dense kernels o i, the rest one axis.
function axesOf(rank: number): string {
  return ['', 'o', 'o i', 'o i w', 'o i h w'][rank] ?? Array.from({ length: rank }, (_, i) => `a${i}`).join(' ');
}
