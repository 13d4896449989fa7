import { type Explainer, expectShape, ndArray, type Services, sampleStreams } from '@espalier/core';
import { explainCopies, type Noise } from './noisy-copies.ts';

/**
 * `explainer`, asked about noisy copies of every image. Each image draws its noise by its id from the paired seed, so it gets the same in
 * every arm, batch and order. A copy is called `<id>#<number>`, so an explainer that draws noise, too, draws it anew for every copy.
 *
 * The diagnostic `error` is the standard error of each map, as a fraction of its length. Diagnostics of `explainer` are of copies, and
 * not handed on.
 *
 * @param noise of `samples` at least 4, for the error
 * @throws StudyError `core/shape-mismatch`, from `explain`: images of another size than the model, or without ids
 */
export function smoothed(
  explainer: Explainer,
  noise: Noise,
  { pairedSeed, signal }: Pick<Services, 'pairedSeed' | 'signal'>,
): Explainer {
  return {
    reduction: explainer.reduction,
    unit: noise.statistic === 'mean' ? explainer.unit : undefined, // squares are of another
    async explain(model, images, classIndex, told = () => {}, ids) {
      const { height, width, channels } = model.input;
      expectShape(images, [classIndex.length, height, width, channels], 'images for noisy copies');
      const streams = sampleStreams(pairedSeed, ids, classIndex.length, 'noisy-copies');
      const values = ndArray('n h w c', images.shape);
      const error: number[] = [];
      const size = height * width * channels;
      for (const [i, stream] of streams.entries()) {
        signal.throwIfAborted();
        const image = images.data.subarray(i * size, (i + 1) * size);
        const asked = { model, image, classIndex: classIndex[i]!, id: ids![i]! }; // streams are by id
        const explained = await explainCopies(explainer, asked, noise, stream, (part) => told(i + part));
        values.data.set(explained.map, i * size);
        error.push(explained.error);
      }
      return { values, diagnostics: { error } };
    },
  };
}
