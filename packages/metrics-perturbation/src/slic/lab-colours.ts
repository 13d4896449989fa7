/** sRGB's primaries in XYZ, and its white D65 of a 2 degree observer. */
const toXyz = [
  [0.412453, 0.35758, 0.180423],
  [0.212671, 0.71516, 0.072169],
  [0.019334, 0.119193, 0.950227],
] as const;
const white = [0.95047, 1, 1.08883] as const;

/** CIELAB colours of sRGB ones, whose values are stretched to [0, 1] over the whole image first; row-major `h w c`. */
export function labColours(image: Float32Array): Float64Array {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of image) [least, most] = [Math.min(least, value), Math.max(most, value)];
  const range = most === least ? 1 : most - least;
  const linear = Float64Array.from(image, (value) => {
    const stretched = (value - least) / range;
    return stretched > 0.04045 ? ((stretched + 0.055) / 1.055) ** 2.4 : stretched / 12.92;
  });
  const colours = new Float64Array(image.length);
  for (let i = 0; i < image.length; i += 3) {
    const [x, y, z] = toXyz.map(([r, g, b], axis) =>
      curved((r * linear[i]! + g * linear[i + 1]! + b * linear[i + 2]!) / white[axis]!),
    ) as [number, number, number]; // three rows
    colours.set([116 * y - 16, 500 * (x - y), 200 * (y - z)], i);
  }
  return colours;
}

function curved(value: number): number {
  return value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116;
}
