import { type Model, type NdArray, ndArray } from '@espalier/core';
import { toyModel } from '@espalier/core/testing';

/** The toy model with a second layer: `late` is a fixed non-negative mixture of the features of `early`. */
export function deepToyModel(): Model {
  const model = toyModel();
  const [early] = model.layers;
  const { height, width, features } = early!;
  const mix = (activations: NdArray<'n h w d'>) =>
    ndArray(
      'n h w d',
      activations.shape,
      activations.data.map((value, i) => {
        const neighbour = i - (i % features) + ((i + 1) % features);
        return Math.max(0, value + 0.5 * activations.data[neighbour]! - 0.1);
      }),
    );
  return {
    ...model,
    layers: [
      { name: 'early', height, width, features, isStage: true, isComplete: true },
      { name: 'late', height, width, features, isStage: true, isComplete: true },
    ],
    activations: async (images, layer) => {
      const activations = await model.activations(images, 'features');
      return layer === 'early' ? activations : mix(activations);
    },
    classify: async (activations, layer) =>
      model.classify(layer === 'early' ? mix(activations) : activations, 'features'),
  };
}
