import { sortedOrder } from '@espalier/numerics';

/** Which end of an attribution map goes first: most relevant (`morf`) or least relevant (`lerf`). */
export type RemovalOrder = 'morf' | 'lerf';

/**
 * Indices of `map` in the order of removal. Ties go to the lower index in both orders.
 *
 * @param map one finite value per pixel, row-major
 * @returns indices into `map`, of the same length
 */
export function removalOrder(map: Float32Array, order: RemovalOrder = 'morf'): Uint32Array {
  return sortedOrder(map, order === 'morf' ? 'falling' : 'rising');
}

/** How many of `pixels` are removed at `percentage`: rounded down. */
export function removalCount(pixels: number, percentage: number): number {
  return Math.floor((pixels * percentage) / 100);
}
