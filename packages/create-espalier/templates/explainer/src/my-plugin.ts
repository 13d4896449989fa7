import { definePlugin, imagesIn, type NdArray, ndArray } from '@espalier/core';
import * as z from 'zod';

/**
 * Say in one sentence what my-plugin attributes to a pixel.
 *
 * @example "attributions": { "use": "mine/my-plugin", "in": { "model": …, "images": … } }
 */
export const myPlugin = definePlugin({
  kind: 'explainer',
  name: 'my-plugin',
  title: 'My plugin',
  cacheVersion: '1',
  usesSeed: false,
  source: { title: 'Authors (year), Title of the paper', url: 'https://example.org/the-paper', departures: [] },
  options: z.strictObject({
    times: z.enum(['nothing', 'input']).default('input').describe('what the gradient is multiplied with'),
  }),
  passes: (_, { images }) => ({ gradient: imagesIn(images) }),
  create: ({ times }) => ({
    reduction: 'sum',
    async explain(model, images, classIndex) {
      const gradient = await model.inputGradient(images, classIndex);
      return { values: times === 'input' ? product(gradient, images) : gradient, diagnostics: {} };
    },
  }),
});

/** The product of two arrays of one shape, value by value. */
export function product(a: NdArray<'n h w c'>, b: NdArray<'n h w c'>): NdArray<'n h w c'> {
  const values = a.data.map((value, i) => value * b.data[i]!);
  return ndArray('n h w c', a.shape, values);
}
