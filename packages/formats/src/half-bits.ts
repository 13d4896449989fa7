import { roundHalfEven } from '@espalier/core';

const single = new DataView(new ArrayBuffer(4));

/** The bits of a float32 value as IEEE 754 binary16: rounded to the nearest, ties to even; infinite from 65520 on. */
export function float16Bits(value: number): number {
  single.setFloat32(0, value);
  const sign = (single.getUint32(0) >>> 16) & 0x8000;
  if (Number.isNaN(value)) return sign | 0x7e00;
  const size = Math.abs(single.getFloat32(0));
  if (size >= 65520) return sign | 0x7c00;
  // Values below the smallest normal one, 2 ** -14, are all one step apart.
  const exponent = Math.max(-14, ((single.getUint32(0) >>> 23) & 0xff) - 127);
  // A fraction that rounds up to 2 carries into the exponent.
  return sign | (((exponent + 14) << 10) + roundHalfEven(size / 2 ** (exponent - 10)));
}

/** The bits of a float32 value as bfloat16: rounded to the nearest, ties to even. */
export function bfloat16Bits(value: number): number {
  single.setFloat32(0, value);
  const bits = single.getUint32(0);
  if (Number.isNaN(value)) return (bits >>> 16) | 0x40;
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}
