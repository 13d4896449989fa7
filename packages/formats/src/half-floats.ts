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
export interface SmallFloat {
  readonly fractionBits: number;
  readonly bias: number;
  readonly special: 'infinities' | 'all-ones' | 'negative-zero';
}

/**
 * What a float of one byte means: a sign, then the exponent, then the fraction.
 *
 * Source: Micikevicius et al. (2022), FP8 formats for deep learning; FNUZ as in Noune et al. (2022).
 */
export function smallFloat({ fractionBits, bias, special }: SmallFloat): (bits: number) => number {
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
