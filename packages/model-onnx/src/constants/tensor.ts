import { StudyError, sizeOf } from '@espalier/core';
import { bfloat16Bits, bfloat16ToFloat32, float16Bits, float16ToFloat32 } from '@espalier/formats';
import { type TensorProto, TensorProto_DataLocation, TensorProto_DataType } from 'onnx-buf';
import { limits } from '../decode/limits.ts';
import { invalid, quoted, unsupported } from '../decode/model-error.ts';
import { plainView } from '../views/view.ts';
import { type Constant, type ConstantType, computed, once, type Values } from './constant.ts';
import { readExternal } from './external-data.ts';
import type { TensorPlace } from './tensor-place.ts';

/** How one type of ONNX is written. */
interface Stored {
  readonly type: ConstantType;
  /** Bytes of one value in `raw_data`. */
  readonly bytes: number;
  readonly read: (view: DataView, at: number) => number;
  /** Of numbers with a fraction: to the nearest that the type has, ties to even. */
  readonly write?: (view: DataView, at: number, value: number) => void;
  /** The list of values of a tensor that has no `raw_data`. */
  readonly listed: (tensor: TensorProto) => readonly (number | bigint)[];
  /** A listed number to a value; itself if absent. */
  readonly decode?: (listed: number) => number;
}

const ints = (tensor: TensorProto) => tensor.int32Data;
const longs = (tensor: TensorProto) => tensor.int64Data;
const unsigned = (tensor: TensorProto) => tensor.uint64Data;

const stored: Readonly<Partial<Record<number, Stored>>> = {
  [TensorProto_DataType.FLOAT]: {
    type: 'float',
    bytes: 4,
    read: (view, at) => view.getFloat32(at, true),
    write: (view, at, value) => view.setFloat32(at, value, true),
    listed: (tensor) => tensor.floatData,
  },
  [TensorProto_DataType.DOUBLE]: {
    type: 'float',
    bytes: 8,
    read: (view, at) => view.getFloat64(at, true),
    write: (view, at, value) => view.setFloat64(at, value, true),
    listed: (tensor) => tensor.doubleData,
  },
  [TensorProto_DataType.FLOAT16]: {
    type: 'float',
    bytes: 2,
    read: (view, at) => float16ToFloat32(view.getUint16(at, true)),
    write: (view, at, value) => view.setUint16(at, float16Bits(value), true),
    listed: ints,
    decode: float16ToFloat32,
  },
  [TensorProto_DataType.BFLOAT16]: {
    type: 'float',
    bytes: 2,
    read: (view, at) => bfloat16ToFloat32(view.getUint16(at, true)),
    write: (view, at, value) => view.setUint16(at, bfloat16Bits(value), true),
    listed: ints,
    decode: bfloat16ToFloat32,
  },
  [TensorProto_DataType.INT64]: {
    type: 'integer',
    bytes: 8,
    read: (view, at) => Number(view.getBigInt64(at, true)),
    listed: longs,
  },
  [TensorProto_DataType.INT32]: {
    type: 'integer',
    bytes: 4,
    read: (view, at) => view.getInt32(at, true),
    listed: ints,
  },
  [TensorProto_DataType.INT16]: {
    type: 'integer',
    bytes: 2,
    read: (view, at) => view.getInt16(at, true),
    listed: ints,
  },
  [TensorProto_DataType.INT8]: { type: 'integer', bytes: 1, read: (view, at) => view.getInt8(at), listed: ints },
  [TensorProto_DataType.UINT8]: { type: 'integer', bytes: 1, read: (view, at) => view.getUint8(at), listed: ints },
  [TensorProto_DataType.UINT16]: {
    type: 'integer',
    bytes: 2,
    read: (view, at) => view.getUint16(at, true),
    listed: ints,
  },
  [TensorProto_DataType.UINT32]: {
    type: 'integer',
    bytes: 4,
    read: (view, at) => view.getUint32(at, true),
    listed: unsigned,
  },
  [TensorProto_DataType.UINT64]: {
    type: 'integer',
    bytes: 8,
    read: (view, at) => Number(view.getBigUint64(at, true)),
    listed: unsigned,
  },
  [TensorProto_DataType.BOOL]: {
    type: 'boolean',
    bytes: 1,
    read: (view, at) => (view.getUint8(at) === 0 ? 0 : 1),
    listed: ints,
    decode: (value) => (value === 0 ? 0 : 1),
  },
};

/** What type of values a number of ONNX means here; undefined where it is not supported. */
export function typeOf(dataType: number): ConstantType | undefined {
  return stored[dataType]?.type;
}

/**
 * A tensor as a constant; its values are read when they are needed, but their count is checked at once.
 *
 * @param name of the value
 * @throws StudyError `model-onnx/invalid` or `model-onnx/unsupported`
 */
export function constantOf(tensor: TensorProto, name: string, place: TensorPlace): Constant {
  const shape = shapeOfTensor(tensor, name, place);
  const layout = stored[tensor.dataType];
  if (!layout)
    throw unsupported(
      place.name,
      `the tensor ${quoted(name)} is of the type ${typeName(tensor)}; supported are floating-point numbers of 16, 32 and 64 bits, whole numbers of 8 bits and more, and truth values. Export the network without quantising it.`,
    );
  const { type } = layout;
  const inner = bytesOf(tensor, layout, shape, name, place);
  const values = once(() => (inner ? fromBytes(inner(), layout, sizeOf(shape)) : fromList(tensor, layout)));
  return { kind: 'constant', name, shape, type, values, origin: { name, shape, values, view: plainView(shape) } };
}

/** A tensor that a node holds: no initialiser, so nothing that is learned. */
export function heldConstant(tensor: TensorProto, name: string, place: TensorPlace): Constant {
  const { shape, type, values } = constantOf(tensor, name, place);
  return computed(name, type, shape, values());
}

/**
 * Values as a tensor of a type with fractions stores them, rounded to the nearest, ties to even.
 *
 * @param dataType a number of ONNX
 * @throws StudyError `model-onnx/out-of-range` where a value is too large for the type
 */
export function storedValues(
  values: Float32Array,
  dataType: number,
  name: string,
  { name: file }: TensorPlace,
): Uint8Array<ArrayBuffer> {
  const { bytes, read, write } = stored[dataType] ?? {};
  if (!bytes || !read || !write)
    throw unsupported(
      file,
      `the tensor ${quoted(name)} is of the type ${TensorProto_DataType[dataType] ?? dataType}, which no weights can be written in.`,
    );
  const view = new DataView(new ArrayBuffer(values.length * bytes));
  values.forEach((value, i) => {
    write(view, i * bytes, value);
    if (Number.isFinite(read(view, i * bytes))) return;
    throw new StudyError(
      'model-onnx/out-of-range',
      `${file}: the weight ${value} of ${quoted(name)} is too large for the file's type ${TensorProto_DataType[dataType]}. Use the safetensors file of the weights.`,
    );
  });
  return new Uint8Array(view.buffer);
}

/** The tensor with its values in the model's own file. */
export function withinFile(tensor: TensorProto, place: TensorPlace): TensorProto {
  const layout = stored[tensor.dataType];
  if (tensor.dataLocation !== TensorProto_DataLocation.EXTERNAL || !layout) return tensor;
  const read = readExternal(tensor, sizeOf(tensor.dims.map(Number)) * layout.bytes, tensor.name, place);
  // A copy of a view of the file's own bytes: protobuf keeps arrays whose buffer is theirs.
  const rawData = new Uint8Array(read());
  return { ...tensor, rawData, externalData: [], dataLocation: TensorProto_DataLocation.DEFAULT };
}

function shapeOfTensor({ dims, segment }: TensorProto, name: string, { name: file }: TensorPlace): readonly number[] {
  const shape = dims.map(Number);
  if (segment)
    throw unsupported(
      file,
      `the tensor ${quoted(name)} is stored in segments, which is not supported. Save the model again with onnx.save.`,
    );
  if (
    shape.length > limits.rank ||
    sizeOf(shape) > limits.values ||
    shape.some((length) => !Number.isSafeInteger(length) || length < 0)
  )
    throw invalid(
      file,
      `the tensor ${quoted(name)} has the shape [${shape.slice(0, 10).join(', ')}]; expected at most ${limits.rank} axes and ${limits.values} values.`,
    );
  return shape;
}

/** How to get at the values' bytes; null where they are listed one by one. */
function bytesOf(
  tensor: TensorProto,
  { bytes, listed }: Stored,
  shape: readonly number[],
  name: string,
  place: TensorPlace,
): (() => Uint8Array) | null {
  const count = sizeOf(shape);
  const expected = count * bytes;
  if (tensor.dataLocation === TensorProto_DataLocation.EXTERNAL) return readExternal(tensor, expected, name, place);
  const raw = tensor.rawData;
  if (raw.length === 0 && expected > 0) {
    if (listed(tensor).length === count) return null;
    throw invalid(
      place.name,
      `the tensor ${quoted(name)} of the shape [${shape.join(', ')}] should hold ${count} values; found ${listed(tensor).length}. Export or download the file again.`,
    );
  }
  if (raw.length !== expected)
    throw invalid(
      place.name,
      `the tensor ${quoted(name)} of the shape [${shape.join(', ')}] should take ${expected} bytes; found ${raw.length}. Export or download the file again.`,
    );
  return () => raw;
}

function fromBytes(raw: Uint8Array, { type, bytes, read }: Stored, count: number): Values {
  // A copy: the file's bytes need not be aligned.
  if (type === 'float' && bytes === 4) return new Float32Array(Uint8Array.prototype.slice.call(raw).buffer);
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const values = type === 'float' ? new Float32Array(count) : new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = read(view, i * bytes);
  return values;
}

function fromList(tensor: TensorProto, { type, listed, decode }: Stored): Values {
  const values = Array.from(listed(tensor), (value) => (decode ? decode(Number(value)) : Number(value)));
  return type === 'float' ? Float32Array.from(values) : Float64Array.from(values);
}

function typeName({ dataType }: TensorProto): string {
  return TensorProto_DataType[dataType] ?? `number ${dataType}`;
}
