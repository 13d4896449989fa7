import { createHash } from 'node:crypto';
import { definePlugin, heldOutCounts, holdOut, ndArray, randomStream, type Split } from '@espalier/core';
import * as z from 'zod';

const classes = ['horizontal stripes', 'vertical stripes'];
const tuneFraction = 0.2;

/**
 * Say in one sentence what the images of my-plugin show.
 *
 * @example "data": { "use": "mine/my-plugin", "with": { "size": 32 } }
 */
export const myPlugin = definePlugin({
  kind: 'dataset',
  name: 'my-plugin',
  cacheVersion: '1',
  source: { title: 'Authors (year), Title of the paper', url: 'https://example.org/the-paper', departures: [] },
  options: z.strictObject({
    size: z.int().min(4).max(512).default(32).describe('height and width of the images, in pixels'),
    perClass: z.int().min(5).max(10_000).default(40).describe('images per class to train on, and to evaluate'),
    seed: z.int().min(0).default(0).describe('seed of the images and of the tuning part'),
  }),
  imageSize: ({ size }) => ({ height: size, width: size }),
  dataOutline: ({ size, perClass }) => {
    const counts = classes.map(() => perClass);
    const mostPerClass = { ...heldOutCounts(counts, tuneFraction), val: counts };
    return { height: size, width: size, classes, regions: [], mostPerClass };
  },
  create({ size, perClass, seed }) {
    const parts = holdOut(striped('train', size, perClass, seed), tuneFraction, seed);
    const splits = { ...parts, val: striped('val', size, perClass, seed) };
    return { classes, split: (name) => splits[name] };
  },
});

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Images whose pixels depend on the seed and their own id alone, so that another image more changes none of them. */
function striped(name: string, size: number, perClass: number, seed: number): Split {
  const labels = classes.flatMap((_, label) => Array.from({ length: perClass }, () => label));
  const ids = labels.map((label, i) => `${name}/${label}/${i % perClass}`);
  const noise = (index: number) => randomStream(seed, 'my-plugin', ids[index]!);
  const pixels = (index: number) => drawStripes(size, labels[index] === 1, noise(index));
  return {
    ...{ name, ids, labels, classes, height: size, width: size },
    normalisation: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
    digest: sha256(JSON.stringify(['my-plugin', name, size, perClass, seed])),
    async images(indices) {
      const bytes = indices.flatMap((index) => [...pixels(index)]);
      const values = Float32Array.from(bytes, (byte) => byte / 255);
      return ndArray('n h w c', [indices.length, size, size, 3], values);
    },
    pixels: async (indices) => indices.map((index) => ({ data: pixels(index), height: size, width: size })),
  };
}

/** Two rows, or columns, of light and two of darkness in turn, with noise: bytes in the order `h w c`. */
export function drawStripes(size: number, isVertical: boolean, stream: { uniform(): number }): Uint8Array {
  return Uint8Array.from({ length: size * size * 3 }, (_, i) => {
    const [y, x] = [Math.floor(i / 3 / size), Math.floor(i / 3) % size];
    const isLight = (isVertical ? x : y) % 4 < 2;
    return Math.floor((isLight ? 128 : 0) + 128 * stream.uniform());
  });
}
