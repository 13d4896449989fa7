import { type NdArray, ndArray } from '../../array.ts';
import type { Model } from '../../networks/model.ts';
import { toyModel } from './toy-model.ts';

/** A network of one hidden layer as the scripts of `tools/reference` write it, with images of `side` x `side` x 3. */
export interface HiddenLayer {
  readonly side: number;
  /** By channel, as `std`. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** [units, side x side x 3], row-major. */
  readonly kernel: readonly number[];
  /** [units] */
  readonly bias: readonly number[];
  /** [classes, units], row-major. */
  readonly dense: readonly number[];
  /** [n, side, side, 3], row-major. */
  readonly images: readonly number[];
  /** The class explained, per image. */
  readonly targets: readonly number[];
}

/**
 * The model logits = dense relu(kernel z + bias), z = (image - mean) / std, in double precision, and its images. All but `predict` and
 * `inputGradient` is the toy model's.
 */
export function hiddenLayer(written: HiddenLayer): {
  readonly model: Model;
  readonly images: NdArray<'n h w c'>;
} {
  const { side, mean, std, kernel, bias, dense, images, targets } = written;
  const size = side * side * 3;
  const classes = dense.length / bias.length;
  const rowOf = (unit: number) => kernel.slice(unit * size, (unit + 1) * size);
  const hidden = (image: Float32Array) =>
    bias.map((shift, unit) =>
      rowOf(unit).reduce((sum, weight, i) => sum + (weight * (image[i]! - mean[i % 3]!)) / std[i % 3]!, shift),
    );
  const slopeOf = (k: number, unit: number) => dense[k * bias.length + unit]!;
  const logit = (image: Float32Array, k: number) =>
    hidden(image).reduce((sum, value, unit) => sum + slopeOf(k, unit) * Math.max(0, value), 0);
  const imageOf = ({ data }: NdArray, n: number) => data.subarray(n * size, (n + 1) * size);
  const model: Model = {
    ...toyModel(),
    input: { height: side, width: side, channels: 3, mean, std },
    predict: async (asked) =>
      ndArray(
        'n k',
        [asked.shape[0]!, classes],
        Float32Array.from({ length: asked.shape[0]! * classes }, (_, i) =>
          logit(imageOf(asked, Math.floor(i / classes)), i % classes),
        ),
      ),
    inputGradient: async (asked, classIndex) => {
      const gradient = ndArray('n h w c', asked.shape);
      for (const [n, k] of classIndex.entries())
        for (const [unit, value] of hidden(imageOf(asked, n)).entries())
          if (value > 0)
            for (const [i, weight] of rowOf(unit).entries())
              gradient.data[n * size + i]! += (slopeOf(k, unit) * weight) / std[i % 3]!;
      return gradient;
    },
  };
  return { model, images: ndArray('n h w c', [targets.length, side, side, 3], Float32Array.from(images)) };
}
