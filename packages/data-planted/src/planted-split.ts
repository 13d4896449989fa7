import { createHash } from 'node:crypto';
import {
  type Normalisation,
  ndArray,
  type PixelImage,
  randomStream,
  type Split,
  type TruthRegion,
} from '@espalier/core';
import { classConcepts, classNames, concepts } from './concepts.ts';
import { drawMask, drawPixels } from './draw.ts';
import { drawScene, type Scene } from './scene.ts';

export interface PlantedSplit {
  readonly name: 'train' | 'val';
  /** Pixels per side. */
  readonly size: number;
  readonly imagesPerClass: number;
  readonly distractors: number;
  readonly seed: number;
}

// Raise it whenever any pixel or mask changes: it is in every digest.
const drawingVersion = 2;

// Above this, images are drawn again each time they are asked for.
const largestCache = 512 * 2 ** 20;

/** Measured over the 2,000 training images of the default options; fixed, so that models stay comparable. */
export const normalisation: Normalisation = { mean: [0.5369, 0.5206, 0.5074], std: [0.1829, 0.1466, 0.1744] };

/** A generated split: image `i` of a class depends on the seed, the split's name, the class and `i` alone. */
export function plantedSplit(options: PlantedSplit): Split {
  const { name, size, imagesPerClass, distractors, seed } = options;
  const labels = classConcepts.flatMap((_, label) => Array.from({ length: imagesPerClass }, () => label));
  const ids = labels.map((label, i) => idOf(name, label, i % imagesPerClass));
  const scene = (index: number): Scene =>
    drawScene(randomStream(seed, 'planted', ids[index]!), labels[index]!, distractors);
  const pixels = remembered(ids.length * size * size * 3, (index) => drawPixels(scene(index), size));
  return {
    name,
    ids,
    labels,
    classes: classNames,
    height: size,
    width: size,
    normalisation,
    digest: createHash('sha256')
      .update(JSON.stringify(['planted', drawingVersion, name, size, imagesPerClass, distractors, seed]))
      .digest('hex'),
    images: async (indices) => {
      const batch = ndArray('n h w c', [indices.length, size, size, 3]);
      for (const [i, index] of indices.entries()) putImage(pixels(index), batch.data, i);
      return batch;
    },
    pixels: async (indices) => indices.map((index): PixelImage => ({ data: pixels(index), height: size, width: size })),
    truth: async (index) => truthOf(scene(index), size),
  };
}

/** Writes the bytes of the image at place `i` of a batch, in [0, 1]. */
function putImage(bytes: Uint8Array, batch: Float32Array, i: number): void {
  const start = i * bytes.length;
  for (let j = 0; j < bytes.length; j++) batch[start + j] = bytes[j]! / 255;
}

function truthOf({ planted, distractors }: Scene, size: number): TruthRegion[] {
  return [
    ...planted.map(({ concept, part }) => ({ name: concepts[concept]!.name, mask: drawMask(part, size) })),
    ...distractors.map((part) => ({ name: 'distractor', role: 'distractor' as const, mask: drawMask(part, size) })),
  ];
}

function idOf(split: string, label: number, index: number): string {
  return `${split}/${classNames[label]!.replaceAll(' ', '-')}/${String(index).padStart(4, '0')}`;
}

function remembered(totalBytes: number, draw: (index: number) => Uint8Array): (index: number) => Uint8Array {
  if (totalBytes > largestCache) return draw;
  const drawn = new Map<number, Uint8Array>();
  return (index) => {
    const known = drawn.get(index);
    if (known) return known;
    const bytes = draw(index);
    drawn.set(index, bytes);
    return bytes;
  };
}
