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
