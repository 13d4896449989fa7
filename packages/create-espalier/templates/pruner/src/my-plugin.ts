import { definePlugin } from '@espalier/core';
import * as z from 'zod';

/**
 * Say in one sentence which weights my-plugin removes.
 *
 * @example "prune": { "use": "mine/my-plugin", "in": { "model": … }, "with": { "sparsity": 0.5 } }
 */
export const myPlugin = definePlugin({
  kind: 'pruner',
  name: 'my-plugin',
  cacheVersion: '1',
  usesSeed: false,
  source: { title: 'Authors (year), Title of the paper', url: 'https://example.org/the-paper', departures: [] },
  options: z.strictObject({
    sparsity: z.number().min(0).lt(1).describe('fraction of each kernel removed, in [0, 1)'),
  }),
  level: ({ sparsity }) => sparsity,
  create: ({ sparsity }) => ({
    sparsity,
    async mask(model) {
      const kernels = model.parameters.filter(({ role }) => role === 'kernel');
      const weights = await model.weights();
      return new Map(
        kernels.map(({ name }) => {
          const values = weights.get(name)!.data;
          return [name, keepHighest(values, model.masks.get(name), Math.round(sparsity * values.length))] as const;
        }),
      );
    },
  }),
});

/**
 * Removes `removeCount` values in all: first those already removed, then those of lowest score; ties go to the lower index.
 *
 * @returns one byte per value: 1 keeps, 0 removes
 */
export function keepHighest(values: Float32Array, held: Uint8Array | undefined, removeCount: number): Uint8Array {
  const score = Float64Array.from(values, (value, i) => (held?.[i] === 0 ? -1 : Math.abs(value)));
  const order = Uint32Array.from(values.keys()).sort((i, j) => score[i]! - score[j]! || i - j);
  const keep = new Uint8Array(values.length).fill(1);
  for (const index of order.subarray(0, removeCount)) keep[index] = 0;
  return keep;
}
