import type { ClassIndices, InputSpec, NdArray } from '@espalier/core';
import type { Ops, Tensor } from '@espalier/engine';
import { normalised } from '../inputs/normalise.ts';
import { eachChunk, inChunks } from './in-chunks.ts';
import { oneHot } from './one-hot.ts';

/** Image pixels computed at once: 16 images of 224 x 224. More gains nothing and holds memory. */
const pixelsAtOnce = 16 * 224 * 224;

/** What a model computes part by part, so that any number of images fits. */
export class Chunks {
  readonly #ops: Ops;
  readonly #input: InputSpec;
  readonly #classes: number;
  /** Images in a part. */
  readonly atOnce: number;

  constructor(ops: Ops, input: InputSpec, classes: number) {
    this.#ops = ops;
    this.#input = input;
    this.#classes = classes;
    this.atOnce = Math.max(1, Math.floor(pixelsAtOnce / (input.height * input.width)));
  }

  /** How many rows of so many values fit in a part, which are not images. */
  rowsAtOnce(values: number): number {
    return Math.max(this.atOnce, Math.floor((pixelsAtOnce * 4) / values));
  }

  /** The results of `work` on parts of `inputs`, together an array as `output` says; it runs in a scope. */
  together<Axes extends string, Output extends string>(
    inputs: NdArray<Axes>,
    output: Pick<NdArray<Output>, 'axes' | 'shape'>,
    work: (chunk: NdArray<Axes>, start: number) => Tensor,
    atOnce = this.atOnce,
  ): Promise<NdArray<Output>> {
    return inChunks(this.#ops, inputs, output, { atOnce, work });
  }

  /** As `together`, of what is computed of normalised images and of the logits that are explained, 1 at each image's own. */
  explained<Output extends string>(
    images: NdArray<'n h w c'>,
    classIndex: ClassIndices,
    output: Pick<NdArray<Output>, 'axes' | 'shape'>,
    work: (images: Tensor, chosen: Tensor) => Tensor,
    atOnce = this.atOnce,
  ): Promise<NdArray<Output>> {
    const explain = (chunk: NdArray<'n h w c'>, start: number) => {
      const { data, shape } = oneHot(classIndex.slice(start, start + chunk.shape[0]!), this.#classes);
      return work(this.normalised(chunk), this.#ops.adopt(data, shape));
    };
    return this.together(images, output, explain, atOnce);
  }

  /** `work` on parts of normalised images, each in a scope. */
  each(images: NdArray, work: (chunk: Tensor, start: number, end: number) => void): Promise<void> {
    return eachChunk(images, this.atOnce, (chunk, start, end) => {
      this.#ops.scope(() => work(this.normalised(chunk), start, end));
    });
  }

  /** Images as the network takes them. Must run inside a scope. */
  normalised(images: NdArray): Tensor {
    return this.#ops.adopt(normalised(images.data, this.#input), images.shape);
  }
}
