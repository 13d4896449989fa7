/** Red, green and blue for each of 256 steps, from the lowest value to the highest. */
export type ColourMap = Uint8Array;

/** Perceptually uniform, dark to light: for magnitudes (van der Walt and Smith, `inferno`). */
export const inferno = interpolate(
  '000004 0b0724 210c4a 3d0965 57106e 71196e 8a226a a32c61 bc3754 d24644 e45a31 f1731d f98e09 fcac11 f9cb35 f2ea69 fcffa4',
);

/** Perceptually uniform, for ordered series (van der Walt and Smith, `viridis`). */
export const viridis = interpolate(
  '440154 48186a 472d7b 424086 3b528b 33638d 2c728e 26828e 21918c 1fa088 28ae80 3fbc73 5ec962 84d44b addc30 d8e219 fde725',
);

/** Blue for negative, red for positive, near white at zero (ColorBrewer `RdBu` reversed, even in lightness). */
export const blueWhiteRed = interpolate('053061 2065ab 4393c3 90c4dd d1e5f0 f7f7f7 fddbc7 f3a481 d6604d b1182b 67001f');

/** `#rrggbb` at `position`, in [0, 1]. */
export function colourAt(map: ColourMap, position: number): string {
  const start = 3 * Math.round(255 * Math.min(1, Math.max(0, position)));
  return `#${[...map.subarray(start, start + 3)].map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

/**
 * RGB bytes of a signed map: zero is the middle of `map`, `limit` and `-limit` are its ends.
 *
 * @param limit positive; values beyond it take the end's colour
 */
export function paintSigned(values: Float32Array, limit: number, map: ColourMap = blueWhiteRed): Uint8Array {
  return paint(values, map, (value) => 0.5 + value / (2 * limit));
}

/** RGB bytes of a map of magnitudes: zero is the start of `map`, `limit` its end. */
export function paintMagnitude(values: Float32Array, limit: number, map: ColourMap = inferno): Uint8Array {
  return paint(values, map, (value) => value / limit);
}

function paint(values: Float32Array, map: ColourMap, position: (value: number) => number): Uint8Array {
  const pixels = new Uint8Array(values.length * 3);
  for (let i = 0; i < values.length; i++) {
    const step = Math.round(255 * Math.min(1, Math.max(0, position(values[i]!))));
    for (let c = 0; c < 3; c++) pixels[3 * i + c] = map[3 * step + c]!;
  }
  return pixels;
}

function interpolate(stops: string): ColourMap {
  const colours = stops.split(' ').map((hex) => [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)));
  const map = new Uint8Array(256 * 3);
  for (let step = 0; step < 256; step++) {
    const place = (step / 255) * (colours.length - 1);
    const left = Math.min(colours.length - 2, Math.floor(place));
    for (let c = 0; c < 3; c++) {
      const [from, to] = [colours[left]![c]!, colours[left + 1]![c]!];
      map[3 * step + c] = Math.round(from + (to - from) * (place - left));
    }
  }
  return map;
}
