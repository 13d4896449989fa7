import { bfloat16ToFloat32, float16ToFloat32, smallFloat } from '../half-floats.ts';

/** How one type of value is stored, and how it becomes a number. */
export interface ElementType {
  readonly bits: number;
  /** Absent for what one float32 cannot hold. */
  readonly read?: (view: DataView, at: number) => number;
}

const byte = (decode: (bits: number) => number): ElementType => ({
  bits: 8,
  read: (view, at) => decode(view.getUint8(at)),
});

const half = (decode: (bits: number) => number): ElementType => ({
  bits: 16,
  read: (view, at) => decode(view.getUint16(at, true)),
});

/** The types that the reference implementation 0.8.0 knows, by name. */
export const elementTypes: ReadonlyMap<string, ElementType> = new Map<string, ElementType>([
  ['F64', { bits: 64, read: (view, at) => view.getFloat64(at, true) }],
  ['F32', { bits: 32, read: (view, at) => view.getFloat32(at, true) }],
  ['F16', half(float16ToFloat32)],
  ['BF16', half(bfloat16ToFloat32)],
  ['F8_E5M2', byte(smallFloat({ fractionBits: 2, bias: 15, special: 'infinities' }))],
  ['F8_E4M3', byte(smallFloat({ fractionBits: 3, bias: 7, special: 'all-ones' }))],
  ['F8_E5M2FNUZ', byte(smallFloat({ fractionBits: 2, bias: 16, special: 'negative-zero' }))],
  ['F8_E4M3FNUZ', byte(smallFloat({ fractionBits: 3, bias: 8, special: 'negative-zero' }))],
  ['F8_E8M0', byte((bits) => (bits === 0xff ? Number.NaN : 2 ** (bits - 127)))],
  ['I64', { bits: 64, read: (view, at) => Number(view.getBigInt64(at, true)) }],
  ['U64', { bits: 64, read: (view, at) => Number(view.getBigUint64(at, true)) }],
  ['I32', { bits: 32, read: (view, at) => view.getInt32(at, true) }],
  ['U32', { bits: 32, read: (view, at) => view.getUint32(at, true) }],
  ['I16', { bits: 16, read: (view, at) => view.getInt16(at, true) }],
  ['U16', { bits: 16, read: (view, at) => view.getUint16(at, true) }],
  ['I8', { bits: 8, read: (view, at) => view.getInt8(at) }],
  ['U8', { bits: 8, read: (view, at) => view.getUint8(at) }],
  ['BOOL', { bits: 8, read: (view, at) => (view.getUint8(at) === 0 ? 0 : 1) }],
  ['C64', { bits: 64 }],
  ['F6_E2M3', { bits: 6 }],
  ['F6_E3M2', { bits: 6 }],
  ['F4', { bits: 4 }],
]);
