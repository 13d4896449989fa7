import { type NdArray, rows, sizeOf } from '../array.ts';
import type { BatchSource } from '../batches.ts';
import type { Masks, Model } from '../networks/model.ts';
import { type TrainOptions, trainOptions } from '../networks/train-options.ts';
import { randomStream } from '../random/random.ts';
import { uniformArray } from './toys/toy-split.ts';

export function images({ input }: Model, count: number): NdArray<'n h w c'> {
  return uniformArray('n h w c', [count, input.height, input.width, input.channels], randomStream(3, 'images'));
}

export function batches(model: Model): BatchSource {
  const all = images(model, 8);
  const labels = [0, 1, 1, 0, 1, 0, 0, 1];
  return {
    imagesPerEpoch: 8,
    batchesPerEpoch: 2,
    async *epoch(index) {
      const starts = index % 2 === 0 ? [0, 4] : [4, 0];
      for (const start of starts) yield { images: rows(all, start, start + 4), labels: labels.slice(start, start + 4) };
    },
  };
}

export function options(changes: Partial<TrainOptions> = {}): TrainOptions {
  return { ...trainOptions.parse({ epochs: 2, batchSize: 4, learningRate: 0.05 }), ...changes };
}

export function scaled(array: NdArray, factor: number): NdArray {
  return { ...array, data: array.data.map((value) => factor * value) };
}

export function kernelOf(model: Model) {
  return model.parameters.find(({ role }) => role === 'kernel')!;
}

/** Names of trained parameters, two of each role: networks have hundreds, and each takes several passes. */
export function firstAndLastOfEachRole({ parameters }: Model): readonly string[] {
  const roles = new Set(parameters.map(({ role }) => role));
  roles.delete('statistic');
  const names = [...roles].flatMap((role) => {
    const those = parameters.filter((parameter) => parameter.role === role);
    return [those[0]!.name, those.at(-1)!.name];
  });
  return [...new Set(names)];
}

/** Removes all weights of the first output of the first kernel. */
export function withoutFirstOutput(model: Model): Masks {
  const { name, shape } = kernelOf(model);
  const perOutput = sizeOf(shape) / shape[0]!;
  return new Map([[name, Uint8Array.from({ length: sizeOf(shape) }, (_, i) => Number(i >= perOutput))]]);
}

/** Removes every n-th weight of the first kernel, from the first on. */
export function everyNth(model: Model, n: number): Masks {
  const { name, shape } = kernelOf(model);
  return new Map([[name, Uint8Array.from({ length: sizeOf(shape) }, (_, i) => Number(i % n !== 0))]]);
}
