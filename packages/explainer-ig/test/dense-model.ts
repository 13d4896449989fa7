import { type Model, type NdArray, ndArray } from '@espalier/core';
import { toyModel } from '@espalier/core/testing';

/** Row-major weights of one hidden layer: logits = dense relu(kernel x + bias). */
export interface DenseWeights {
  readonly kernel: readonly number[];
  readonly bias: readonly number[];
  readonly dense: readonly number[];
}

/** A model of images of 2 x 2 x 3 values with one hidden ReLU layer; images are not normalised. */
export function denseModel({ kernel, bias, dense }: DenseWeights): Model {
  const units = bias.length;
  const classes = dense.length / units;
  const hidden = (image: Float32Array) =>
    bias.map((shift, u) => image.reduce((sum, value, i) => sum + kernel[u * 12 + i]! * value, shift));
  const eachImage = ({ data }: NdArray, map: (image: Float32Array, n: number) => number[]) =>
    Array.from({ length: data.length / 12 }, (_, n) => map(data.subarray(12 * n, 12 * n + 12), n)).flat();
  const logits = (image: Float32Array) =>
    Array.from({ length: classes }, (_, k) =>
      hidden(image).reduce((sum, value, u) => sum + dense[k * units + u]! * Math.max(0, value), 0),
    );
  const gradient = (image: Float32Array, k: number) => {
    const slopes = hidden(image).map((value, u) => (value > 0 ? dense[k * units + u]! : 0));
    return Array.from(image, (_, i) => slopes.reduce((sum, slope, u) => sum + slope * kernel[u * 12 + i]!, 0));
  };
  return {
    ...toyModel(0, { classes }),
    input: { height: 2, width: 2, channels: 3, mean: [0, 0, 0], std: [1, 1, 1] },
    predict: async (images) =>
      ndArray('n k', [images.shape[0]!, classes], Float32Array.from(eachImage(images, logits))),
    inputGradient: async (images, classIndex) =>
      ndArray(
        'n h w c',
        images.shape,
        Float32Array.from(eachImage(images, (image, n) => gradient(image, classIndex[n]!))),
      ),
  };
}
