import { interpolateNumberArray, piecewise } from 'd3-interpolate';
import { interpolateInferno, interpolateViridis, schemeRdBu } from 'd3-scale-chromatic';

/** Red, green and blue for each of 256 steps, from the lowest value to the highest. */
export type ColourMap = Uint8Array;

/** Perceptually uniform, dark to light: for magnitudes (van der Walt and Smith, `inferno`). */
export const inferno = colourMap((position) => bytesOf(interpolateInferno(position)));

/** Perceptually uniform, for ordered series (van der Walt and Smith, `viridis`). */
export const viridis = colourMap((position) => bytesOf(interpolateViridis(position)));

/** Blue for negative, red for positive, near white at zero (ColorBrewer `RdBu` reversed, even in lightness). */
export const blueWhiteRed = colourMap(piecewise(interpolateNumberArray, schemeRdBu[11]!.map(bytesOf).reverse()));

/** `#rrggbb` at `position`, in [0, 1]. */
export function colourAt(map: ColourMap, position: number): string {
  const start = 3 * Math.round(255 * Math.min(1, Math.max(0, position)));
  return `#${[...map.subarray(start, start + 3)].map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

/** RGB bytes of a signed map: zero is the middle of `map`, `limit` (positive) and `-limit` and all beyond are its ends. */
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

function colourMap(bytesAt: (position: number) => readonly number[]): ColourMap {
  const map = new Uint8Array(256 * 3);
  for (let step = 0; step < 256; step++) map.set(bytesAt(step / 255).map(Math.round), 3 * step);
  return map;
}

/** Of `#rrggbb`. */
function bytesOf(hex: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
}
