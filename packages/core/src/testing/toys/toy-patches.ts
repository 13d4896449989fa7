import type { NdArray } from '../../array.ts';

/** Visits every 2 x 2 patch: `at` is its place in the activations, `place(i)` the index of its i-th pixel value. */
export function eachPatch(
  images: NdArray,
  features: number,
  visit: (at: number, place: (i: number) => number) => void,
): void {
  const [count, height, width] = images.shape as [number, number, number, number]; // 'n h w c' has four sizes
  let at = 0;
  for (let n = 0; n < count; n++)
    for (let y = 0; y < height; y += 2)
      for (let x = 0; x < width; x += 2) {
        visit(at, (i) => ((n * height + y + ((i >> 1) & 1)) * width + x + (i & 1)) * 3 + (i >> 2));
        at += features;
      }
}
