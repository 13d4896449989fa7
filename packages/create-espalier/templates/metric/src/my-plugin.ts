import { defineMetric, type NdArray, reduceChannels } from '@espalier/core';
import * as z from 'zod';

/**
 * Say in one sentence what my-plugin measures.
 *
 * @example "scores": { "use": "mine/my-plugin", "in": { "attributions": { "$from": "attributions.attributions" } } }
 */
export const myPlugin = defineMetric({
  name: 'my-plugin',
  cacheVersion: '1',
  usesSeed: false,
  source: { title: 'Authors (year), Title of the paper', url: 'https://example.org/the-paper', departures: [] },
  options: z.strictObject({
    side: z
      .number()
      .positive()
      .lt(1)
      .default(0.5)
      .describe('side of the middle part, as a fraction of the side of the image'),
  }),
  inputs: ['attributions'],
  create: ({ side }) => ({
    async measure({ attributions: { ids, ...maps } }) {
      const shares = middleShares(reduceChannels(maps), side);
      const empty = ids.filter((_, i) => shares[i] === undefined);
      const meaning = 'the part of the absolute attribution that lies in the middle of the image';
      return [
        {
          ...{ metric: 'my-plugin', words: { name: 'My plugin', meaning, unit: '%' }, aspect: 'place of attributions' },
          ...{ role: 'primary', direction: 'neither', range: [0, 1], sample: 'image', summary: 'mean' },
          ids: ids.filter((_, i) => shares[i] !== undefined),
          values: shares.filter((share) => share !== undefined),
          ...(empty.length > 0 && { omitted: [{ reason: 'its map is zero everywhere', ids: empty }] }),
        },
      ];
    },
  }),
});

/** Of each map, which part of its absolute values lies in the middle; undefined of a map that is zero everywhere. */
export function middleShares({ data, shape }: NdArray<'n h w'>, side: number): readonly (number | undefined)[] {
  const [count, height, width] = shape as [number, number, number]; // 'n h w' has three sizes
  const isMiddle = (at: number, length: number) => Math.abs(at + 0.5 - length / 2) < (side * length) / 2;
  return Array.from({ length: count }, (_, n) => {
    let [inside, all] = [0, 0];
    for (let i = 0; i < height * width; i++) {
      const value = Math.abs(data[n * height * width + i]!);
      all += value;
      if (isMiddle(Math.floor(i / width), height) && isMiddle(i % width, width)) inside += value;
    }
    return all === 0 ? undefined : inside / all;
  });
}
