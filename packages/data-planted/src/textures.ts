/**
 * Textures as the share of the accent colour, from 0 (base colour) to 1, at a place of the part in units of its
 * radius. `soft` is the width of a soft edge in the same units, so that fine patterns fade instead of aliasing.
 */
export type Texture = (x: number, y: number, soft: number) => number;

/** Bands across the part, lying flat. */
export const stripes: Texture = (_x, y, soft) => softStep(triangleWave(y / 0.7) - 0.25, soft / 0.35);

/** Bands across the part, standing. */
export const bars: Texture = (x, _y, soft) => softStep(triangleWave(x / 0.7) - 0.25, soft / 0.35);

export const checks: Texture = (x, y, soft) => {
  const across = softStep(triangleWave((x + 0.25) / 1) - 0.25, soft / 0.5);
  const down = softStep(triangleWave((y + 0.25) / 1) - 0.25, soft / 0.5);
  return across + down - 2 * across * down;
};

export const dots: Texture = (x, y, soft) => {
  const [dx, dy] = [triangleWave(x / 0.6) * 0.6, triangleWave(y / 0.6) * 0.6];
  return softStep(0.17 - Math.sqrt(dx * dx + dy * dy), soft);
};

/** From the base colour at the top to the accent at the bottom. */
export const fade: Texture = (_x, y) => clamp((y + 1) / 2);

/** Distance to the nearest whole number: 0 to 0.5, with period 1. */
function triangleWave(value: number): number {
  return Math.abs(value - Math.floor(value + 0.5));
}

/** 0 below, 1 above, linear over `width` around 0. */
export function softStep(value: number, width: number): number {
  return clamp(value / width + 0.5);
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
