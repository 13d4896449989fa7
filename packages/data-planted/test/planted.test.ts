import { createHash } from 'node:crypto';
import { createFrom, type Dataset, evidenceIn, plainServices, randomStream, type Split } from '@espalier/core';
import { describeDataset } from '@espalier/core/testing';
import {
  classConcepts,
  classNames,
  concepts,
  drawMask,
  drawPixels,
  drawScene,
  type Part,
  planted,
  plantedSplit,
  type Scene,
} from '@espalier/data-planted';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const open = async (options: Record<string, unknown> = {}): Promise<Dataset> =>
  createFrom(planted, { trainPerClass: 8, valPerClass: 3, tuneFraction: 0.25, ...options }, plainServices());

describeDataset('planted', () => open());

describeDataset('planted, large and plain', () => open({ size: 48, distractors: 0, seed: 3 }));

const sceneOf = (seed: number, label = seed % 10, distractors = 2): Scene =>
  drawScene(randomStream(seed, 'test'), label, distractors);

const scenes = fc.record({ seed: fc.nat(100_000), label: fc.integer({ min: 0, max: 9 }) });

test('the ten classes are the ten pairs of the five concepts', () => {
  expect(classConcepts).toHaveLength(10);
  expect(new Set(classConcepts.map((pair) => pair.join())).size).toBe(10);
  for (const concept of concepts.keys()) {
    expect(classConcepts.filter((pair) => pair.includes(concept))).toHaveLength(4);
  }
  expect(classNames[0]).toBe('striped disc and checked square');
});

test('the same seed draws the same bytes on every machine', () => {
  const digest = (size: number) => {
    const hash = createHash('sha256');
    for (let i = 0; i < 20; i++) hash.update(drawPixels(sceneOf(i), size));
    return hash.digest('hex');
  };
  expect(digest(32)).toMatchInlineSnapshot(`"2f86cdb2e2c9d58b2c5c40743207cabb2dcd7f0f21224915c4a337319e1e14b0"`);
  expect(digest(77)).toMatchInlineSnapshot(`"41a249de1762282bb4f864152e342f61479e93d2ef7904447149fbcb22928f7d"`);
});

test('the images depend on the option "seed" and not on the seed of the instance', async () => {
  const bytes = async (seed: number, instance: number) => {
    const dataset = await createFrom(planted, { seed, trainPerClass: 2 }, plainServices({ seed: instance }));
    return [...(await dataset.split('train').images([0])).data].join();
  };
  expect(await bytes(0, 1)).toBe(await bytes(0, 2));
  expect(await bytes(0, 1)).not.toBe(await bytes(1, 1));
});

test('more images per class leave the first ones as they are', async () => {
  const split = (imagesPerClass: number) =>
    plantedSplit({ name: 'val', size: 32, imagesPerClass, distractors: 2, seed: 0 });
  const [few, many] = [split(2), split(5)];
  const [a, b] = [await few.images([3]), await many.images([6])]; // the second image of the second class
  expect(few.ids[3]).toBe(many.ids[6]);
  expect(a).toEqual(b);
});

test('every image has the masks of its class, by name, and they do not overlap', async () => {
  const split = plantedSplit({ name: 'train', size: 32, imagesPerClass: 20, distractors: 2, seed: 0 });
  for (const index of split.ids.keys()) {
    const all = await split.truth!(index);
    const regions = evidenceIn(all);
    expect(regions.map(({ name }) => name)).toEqual(classConcepts[split.labels[index]!]!.map((i) => concepts[i]!.name));
    const [first, second] = regions.map(({ mask }) => mask);
    for (const mask of [first!, second!]) expect(mask.filter((byte) => byte === 1).length).toBeGreaterThan(20);
    expect(first!.some((byte, pixel) => byte === 1 && second![pixel] === 1)).toBe(false);
  }
});

test('what misleads has masks too, apart from the evidence, as many as the image has distractors', async () => {
  const truthOf = async (distractors: number) => {
    const split = plantedSplit({ name: 'val', size: 48, imagesPerClass: 5, distractors, seed: 0 });
    return Promise.all([...split.ids.keys()].map((index) => split.truth!(index)));
  };
  expect((await truthOf(0)).flat().filter(({ role }) => role === 'distractor')).toEqual([]);
  const images = await truthOf(2);
  const counts = images.map((regions) => regions.length - evidenceIn(regions).length);
  expect(Math.max(...counts)).toBe(2);
  expect(counts.filter((count) => count > 0).length, 'nearly all images have room for one').toBeGreaterThan(45);
  for (const regions of images) {
    const misleading = regions.filter(({ role }) => role === 'distractor');
    for (const { mask } of misleading) {
      expect(mask.includes(1)).toBe(true);
      for (const { mask: evidence } of evidenceIn(regions))
        expect(mask.some((byte, pixel) => byte === 1 && evidence[pixel] === 1)).toBe(false);
    }
  }
});

/** The mask by counting: 1 where at least half of 16 x 16 points in the pixel lie in the shape. */
function slowMask({ shape, x, y, radius, cosine, sine }: Part, size: number): Uint8Array {
  const mask = new Uint8Array(size * size);
  for (let pixel = 0; pixel < mask.length; pixel++) {
    let inside = 0;
    for (let point = 0; point < 256; point++) {
      const dx = ((pixel % size) + ((point % 16) + 0.5) / 16) / size - x;
      const dy = (Math.floor(pixel / size) + (Math.floor(point / 16) + 0.5) / 16) / size - y;
      if (shape((cosine * dx + sine * dy) / radius, (cosine * dy - sine * dx) / radius) < 0) inside++;
    }
    mask[pixel] = inside >= 128 ? 1 : 0;
  }
  return mask;
}

test('a mask marks the pixels that are at least half covered', () => {
  let [marked, wrong] = [0, 0];
  for (let seed = 0; seed < 30; seed++) {
    for (const { part } of sceneOf(seed).planted) {
      const [fast, slow] = [drawMask(part, 32), slowMask(part, 32)];
      marked += slow.filter((byte) => byte === 1).length;
      wrong += fast.filter((byte, pixel) => byte !== slow[pixel]).length;
    }
  }
  // A straight edge through the pixel's centre stands for the true one: only corners can differ.
  expect(wrong / marked).toBeLessThan(0.03);
});

/** Pixels whose colours differ between two drawings. */
const changed = (a: Uint8Array, b: Uint8Array): readonly number[] =>
  Array.from({ length: a.length / 3 }, (_, pixel) => pixel).filter((pixel) =>
    [0, 1, 2].some((c) => a[3 * pixel + c] !== b[3 * pixel + c]),
  );

/** Pixels in or next to a mask. */
function grown(mask: Uint8Array, size: number): Set<number> {
  const pixels = new Set<number>();
  mask.forEach((byte, pixel) => {
    if (byte === 0) return;
    for (const dy of [-1, 0, 1]) for (const dx of [-1, 0, 1]) pixels.add(pixel + dy * size + dx);
  });
  return pixels;
}

test('taking a planted part away changes pixels in and at its mask only', () => {
  fc.assert(
    fc.property(scenes, ({ seed, label }) => {
      const scene = sceneOf(seed, label);
      const [first, second] = scene.planted;
      const near = grown(drawMask(first!.part, 40), 40);
      const without = drawPixels({ ...scene, planted: [second!] }, 40);
      expect(changed(drawPixels(scene, 40), without).filter((pixel) => !near.has(pixel))).toEqual([]);
    }),
    { seed: 4, numRuns: 40 },
  );
});

test('nothing covers a planted part: what is behind it changes only its edge', () => {
  fc.assert(
    fc.property(scenes, ({ seed, label }) => {
      const scene = sceneOf(seed, label);
      const bare = drawPixels({ ...scene, clutter: [], distractors: [], grain: scene.grain.map(() => 0) }, 40);
      const differing = new Set(changed(drawPixels(scene, 40), bare));
      for (const { part } of scene.planted) {
        const mask = drawMask(part, 40);
        const inner = [...mask.keys()].filter((pixel) =>
          [-41, -40, -39, -1, 0, 1, 39, 40, 41].every((step) => mask[pixel + step] === 1),
        );
        expect(inner.filter((pixel) => differing.has(pixel))).toEqual([]);
      }
    }),
    { seed: 5, numRuns: 40 },
  );
});

test('a distractor has the colours of an absent concept and the form of another', () => {
  fc.assert(
    fc.property(scenes, ({ seed, label }) => {
      const { distractors } = sceneOf(seed, label, 3);
      expect(distractors.length).toBeGreaterThan(0);
      for (const { shape, look } of distractors) {
        const form = concepts.findIndex((concept) => concept.shape === shape);
        const colours = concepts.findIndex(({ look: { base, accent } }) =>
          base.every((value, c) => Math.abs(look.base[c]! - value - (look.accent[c]! - accent[c]!)) < 1e-9),
        );
        expect(look.texture).toBe(concepts[form]!.look.texture);
        expect(classConcepts[label]!).not.toContain(colours);
        expect(colours).not.toBe(form);
      }
    }),
    { seed: 6, numRuns: 60 },
  );
});

test('planted parts stay inside the image and at their place', () => {
  fc.assert(
    fc.property(scenes, ({ seed, label }) => {
      for (const { concept, part } of sceneOf(seed, label).planted) {
        const { top, bottom, fromMiddle } = concepts[concept]!.place;
        expect(part.y).toBeGreaterThanOrEqual(top);
        expect(part.y).toBeLessThanOrEqual(bottom);
        expect(Math.abs(part.x - 0.5)).toBeGreaterThanOrEqual(fromMiddle[0]);
        expect(Math.min(part.x, 1 - part.x, part.y, 1 - part.y)).toBeGreaterThan(part.radius);
      }
    }),
    { seed: 7, numRuns: 200 },
  );
});

test('no part that counts touches another', () => {
  fc.assert(
    fc.property(scenes, ({ seed, label }) => {
      const { planted: own, distractors } = sceneOf(seed, label, 3);
      const parts = [...own.map(({ part }) => part), ...distractors];
      for (const [i, a] of parts.entries())
        for (const b of parts.slice(0, i)) {
          expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThan(a.reach + b.reach);
        }
    }),
    { seed: 8, numRuns: 300 },
  );
});

test('a scene looks the same at every size', () => {
  for (let seed = 0; seed < 10; seed++) {
    const [small, large] = [drawPixels(sceneOf(seed), 32), drawPixels(sceneOf(seed), 96)];
    let difference = 0;
    for (let i = 0; i < small.length; i++) {
      const [row, column, c] = [Math.floor(i / 96), Math.floor((i % 96) / 3), i % 3];
      let sum = 0;
      for (let j = 0; j < 9; j++) {
        sum += large[((3 * row + Math.floor(j / 3)) * 96 + 3 * column + (j % 3)) * 3 + c]!;
      }
      difference += Math.abs(small[i]! - sum / 9);
    }
    expect(difference / small.length).toBeLessThan(4); // of 255: edges and fine textures are smoothed differently
  }
});

async function pixelsOf(split: Split): Promise<readonly Float64Array[]> {
  const { data, shape } = await split.images([...split.ids.keys()]);
  const size = data.length / shape[0]!;
  return split.ids.map((_, i) => Float64Array.from(data.subarray(i * size, (i + 1) * size)));
}

test('the mean image of a class does not tell it: classes are not a matter of colour or place', async () => {
  const splitOf = (name: 'train' | 'val', imagesPerClass: number) =>
    plantedSplit({ name, size: 32, imagesPerClass, distractors: 2, seed: 0 });
  const [train, val] = [splitOf('train', 60), splitOf('val', 20)];
  const [known, asked] = [await pixelsOf(train), await pixelsOf(val)];
  const means = classNames.map((_, label) => {
    const own = known.filter((__, i) => train.labels[i] === label);
    return own[0]!.map((___, j) => own.reduce((sum, image) => sum + image[j]!, 0) / own.length);
  });
  const distance = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0);
  const hits = asked.filter((image, i) => {
    const distances = means.map((mean) => distance(image, mean));
    return distances.indexOf(Math.min(...distances)) === val.labels[i];
  });
  expect(hits.length / asked.length).toBeLessThan(0.5);
});

test('the fixed normalisation is that of the images', async () => {
  const split = plantedSplit({ name: 'train', size: 32, imagesPerClass: 60, distractors: 2, seed: 9 });
  const { data } = await split.images([...split.ids.keys()]);
  const { mean, std } = split.normalisation;
  for (const c of [0, 1, 2]) {
    const values = data.filter((_, i) => i % 3 === c);
    const average = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / values.length;
    expect(Math.abs(average - mean[c]!)).toBeLessThan(0.015); // 600 images of another seed
    expect(Math.abs(Math.sqrt(variance) - std[c]!)).toBeLessThan(0.01);
  }
});

test('a misspelt option is refused', async () => {
  await expect(open({ distractor: 1 })).rejects.toThrowErrorMatchingInlineSnapshot(`
    [StudyError: Options of the dataset "planted" are not valid:
    ✖ Unrecognized key: "distractor"]
  `);
});
