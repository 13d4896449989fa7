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

/** IEEE 754 binary16 bits to a number: 1 sign, 5 exponent, 10 fraction bits. */
export function float16ToFloat32(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const widened = new DataView(new ArrayBuffer(4));

/** bfloat16 bits to a number: the upper half of a float32. */
export function bfloat16ToFloat32(bits: number): number {
  widened.setUint32(0, bits << 16);
  return widened.getFloat32(0);
}

/** Where a float of one byte keeps what is no number: in the largest exponent, in all ones only, or in place of -0. */
interface SmallFloat {
  readonly fractionBits: number;
  readonly bias: number;
  readonly special: 'infinities' | 'all-ones' | 'negative-zero';
}

/**
 * What a float of one byte means: a sign, then the exponent, then the fraction.
 *
 * Source: Micikevicius et al. (2022), FP8 formats for deep learning; FNUZ as in Noune et al. (2022).
 */
function smallFloat({ fractionBits, bias, special }: SmallFloat): (bits: number) => number {
  const largest = (1 << (7 - fractionBits)) - 1;
  return (bits) => {
    const sign = bits & 0x80 ? -1 : 1;
    const exponent = (bits & 0x7f) >> fractionBits;
    const fraction = bits & ((1 << fractionBits) - 1);
    if (special === 'negative-zero' && bits === 0x80) return Number.NaN;
    if (special === 'all-ones' && (bits & 0x7f) === 0x7f) return Number.NaN;
    if (special === 'infinities' && exponent === largest)
      return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
    const scaled = fraction / (1 << fractionBits);
    return exponent === 0 ? sign * scaled * 2 ** (1 - bias) : sign * (1 + scaled) * 2 ** (exponent - bias);
  };
}
