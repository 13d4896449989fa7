import { type NdArray, sizeOf } from './array.ts';
import { StudyError } from './errors.ts';
import { bfloat16ToFloat32, float16ToFloat32 } from './half-floats.ts';

/** The arrays of a safetensors file, widened to float32, and its free-text metadata. */
export interface Safetensors {
  readonly tensors: ReadonlyMap<string, NdArray>;
  readonly metadata: Readonly<Record<string, string>>;
}

// A header larger than this is an attack or a damaged file; the reference implementation's limit.
const largestHeader = 100_000_000;

type Reader = (view: DataView, at: number) => number;

const readers: Readonly<Record<string, { readonly bytes: number; readonly read: Reader }>> = {
  F32: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  F16: { bytes: 2, read: (view, at) => float16ToFloat32(view.getUint16(at, true)) },
  BF16: { bytes: 2, read: (view, at) => bfloat16ToFloat32(view.getUint16(at, true)) },
  I64: { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  I32: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  U8: { bytes: 1, read: (view, at) => view.getUint8(at) },
};

/**
 * Reads a safetensors file: F32, F16, BF16, I64, I32 and U8, all widened to float32.
 *
 * Integers beyond 2^24 lose precision. The header is untrusted: offsets, shapes and sizes are checked.
 *
 * @param file the whole file
 * @param name what to call the file in errors
 * @throws StudyError `file-invalid`, saying which entry is wrong and how.
 * Source: https://github.com/huggingface/safetensors (format specification).
 */
export function readSafetensors(file: Uint8Array, name = 'safetensors file'): Safetensors {
  const { header, start } = readHeader(file, name);
  const tensors = new Map<string, NdArray>();
  let metadata: Record<string, string> = {};
  for (const [key, value] of header) {
    if (key === '__metadata__') metadata = readMetadata(value, name);
    else tensors.set(key, readTensor(file, start, key, value, name));
  }
  return { tensors, metadata };
}

/**
 * Writes float32 arrays as a safetensors file that PyTorch loads. Names are written in the map's order.
 *
 * @param metadata free text, kept under `__metadata__`
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, Pick<NdArray, 'data' | 'shape'>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const header: Record<string, unknown> = Object.keys(metadata).length > 0 ? { __metadata__: metadata } : {};
  let offset = 0;
  for (const [name, { data, shape }] of tensors) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + 4 * data.length] };
    offset += 4 * data.length;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const start = 8 + Math.ceil(text.length / 8) * 8;
  const file = new Uint8Array(start + offset).fill(0x20, 8, start); // the specification pads with spaces
  new DataView(file.buffer).setBigUint64(0, BigInt(start - 8), true);
  file.set(text, 8);
  const values = new Float32Array(file.buffer, start);
  let index = 0;
  for (const { data } of tensors.values()) {
    values.set(data, index);
    index += data.length;
  }
  return file;
}

function readHeader(file: Uint8Array, name: string): { header: [string, unknown][]; start: number } {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const length = file.byteLength < 8 ? -1n : view.getBigUint64(0, true);
  if (length < 0n || length > largestHeader || Number(length) + 8 > file.byteLength) {
    throw invalid(name, `its first 8 bytes must give the length of a header inside its ${file.byteLength} bytes`);
  }
  const start = 8 + Number(length);
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(file.subarray(8, start)));
  } catch (cause) {
    throw invalid(name, 'its header must be JSON', cause);
  }
  if (!isRecord(parsed)) throw invalid(name, 'its header must be a JSON object');
  return { header: Object.entries(parsed), start };
}

function readMetadata(value: unknown, name: string): Record<string, string> {
  if (isRecord(value) && Object.values(value).every((text) => typeof text === 'string')) {
    return value as Record<string, string>; // every value was just checked
  }
  throw invalid(name, '"__metadata__" must map names to texts');
}

function readTensor(file: Uint8Array, start: number, key: string, entry: unknown, name: string): NdArray {
  const { dtype, shape, data_offsets: offsets } = isRecord(entry) ? entry : {};
  const reader = typeof dtype === 'string' && Object.hasOwn(readers, dtype) ? readers[dtype] : undefined;
  if (!reader) {
    throw invalid(
      name,
      `"${key}" must have one of the types ${Object.keys(readers).join(', ')}; found ${JSON.stringify(dtype)}`,
    );
  }
  if (!isCounts(shape) || shape.length > 8) throw invalid(name, `"${key}" must have a shape of whole numbers`);
  if (!isCounts(offsets) || offsets.length !== 2) throw invalid(name, `"${key}" must have two data_offsets`);
  const [from, to] = [start + offsets[0]!, start + offsets[1]!];
  const count = sizeOf(shape);
  if (to > file.byteLength || to - from !== count * reader.bytes) {
    throw invalid(
      name,
      `"${key}" must lie inside the file and hold ${count * reader.bytes} bytes; found bytes ${from} to ${to} of ${file.byteLength}`,
    );
  }
  // A copy: aligned, and independent of the file's buffer. A Buffer's own slice would be neither.
  const bytes: Uint8Array = Uint8Array.prototype.slice.call(file, from, to);
  if (dtype === 'F32')
    return { data: new Float32Array(bytes.buffer, bytes.byteOffset, count), shape, axes: axesOf(shape.length) };
  const data = new Float32Array(count);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let i = 0; i < count; i++) data[i] = reader.read(view, i * reader.bytes);
  return { data, shape, axes: axesOf(shape.length) };
}

// PyTorch's layout by rank: kernels are o i h w, dense kernels o i, the rest one axis.
function axesOf(rank: number): string {
  return ['', 'o', 'o i', 'o i w', 'o i h w'][rank] ?? Array.from({ length: rank }, (_, i) => `a${i}`).join(' ');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

function invalid(name: string, problem: string, cause?: unknown): StudyError {
  return new StudyError(
    'file-invalid',
    `${name} is not a readable safetensors file: ${problem}. Write or download it again.`,
    { cause },
  );
}
