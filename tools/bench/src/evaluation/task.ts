import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ComputeOptions,
  createFrom,
  type Model,
  type NdArray,
  ndArray,
  plainServices,
  type Split,
} from '@espalier/core';
import { decodeImage } from '@espalier/data-folder';
import { planted } from '@espalier/data-planted';
import { resnet18 } from '@espalier/model-resnet';

/** What is evaluated: images of one class by one network. */
export interface EvaluationTask {
  /** Of one class, all of one size, in [0, 1]. */
  readonly images: NdArray<'n h w c'>;
  readonly label: number;
  readonly classes: number;
  /** Null draws a network's initial weights. */
  readonly weights: string | null;
}

export const mean = [0.485, 0.456, 0.406] as const;
export const std = [0.229, 0.224, 0.225] as const;

/** Generated images where no folder is named. */
export async function evaluationImages(folder: string | undefined, count: number): Promise<NdArray<'n h w c'>> {
  if (folder === undefined) return generatedImages(count, 224);
  const files = (await readdir(folder)).sort().slice(0, count);
  if (files.length < count) throw new Error(`Expected ${count} images in "${folder}", found ${files.length}.`);
  const decoded = await Promise.all(files.map((file) => decodeImage(join(folder, file))));
  const { height, width } = decoded[0]!;
  const images = ndArray('n h w c', [count, height, width, 3]);
  decoded.forEach(({ data, ...size }, n) => {
    if (size.height !== height || size.width !== width)
      throw new Error(
        `Expected images of ${height} x ${width} pixels, found ${size.height} x ${size.width} in "${files[n]}".`,
      );
    images.data.set(
      Float32Array.from(data, (byte) => byte / 255),
      n * data.length,
    );
  });
  return images;
}

export async function generatedImages(count: number, size: number): Promise<NdArray<'n h w c'>> {
  const data = await createFrom(planted, { size, valPerClass: count }, plainServices());
  const val = data.split('val');
  const first = val.labels.flatMap((label, i) => (label === 0 ? [i] : []));
  return val.images(first.slice(0, count));
}

/** A ResNet-18 with weights from a file, or initial ones. */
export async function evaluatedModel(
  { images, classes, weights }: EvaluationTask,
  compute: ComputeOptions,
  width = 64,
): Promise<Model> {
  const [, height, wide] = images.shape as [number, number, number, number]; // 'n h w c' has four sizes
  const factory = await createFrom(
    resnet18,
    { width, ...(weights !== null && { weights }) },
    plainServices({ compute }),
  );
  const names = Array.from({ length: classes }, (_, k) => `class ${k}`);
  return factory.create({ input: { height, width: wide, channels: 3, mean, std }, classes: names }, 0);
}

/** The images as metrics take them. */
export function splitOf({ images, label, classes }: EvaluationTask): Split {
  const [count, height, width] = images.shape as [number, number, number, number]; // 'n h w c' has four sizes
  const size = height * width * 3;
  return {
    ...{ name: 'val', height, width, normalisation: { mean, std }, digest: 'bench' },
    ids: Array.from({ length: count }, (_, n) => `${n}`),
    labels: new Array<number>(count).fill(label),
    classes: Array.from({ length: classes }, (_, k) => `class ${k}`),
    async images(indices) {
      const taken = ndArray('n h w c', [indices.length, height, width, 3]);
      indices.forEach((index, i) => {
        taken.data.set(images.data.subarray(index * size, (index + 1) * size), i * size);
      });
      return taken;
    },
    pixels: async () => [],
  };
}
