import { ndArray } from '../../array.ts';
import type { LayerInfo, Model } from '../../networks/model.ts';
import { toyModel } from './toy-model.ts';

// The toy model's features are never negative: less this, they are.
const shift = 0.25;

/**
 * The toy model with its features as a transformer has them, in the layer `tokens`: signed, in a row of the places of a 4 x 4 grid behind a
 * class token. What comes after adds the class token to every place, which makes up for what makes them signed.
 */
export function toyTokens(seed = 0): Model {
  const model = toyModel(seed);
  const { height, width, features } = model.layers[0]!; // its only one
  const places = height * width;
  const row = { height: 1, width: 1 + places, features, grid: { height, width, leading: 1, isRead: true } };
  const tokens: LayerInfo = { name: 'tokens', isStage: true, isComplete: true, ...row };
  const imageOf = (i: number) => Math.floor(i / (places * features));
  return {
    ...model,
    layers: [tokens],
    async activations(images) {
      const { data } = await model.activations(images, 'features');
      const found = ndArray('n h w d', [images.shape[0]!, 1, 1 + places, features]);
      found.data.fill(shift);
      data.forEach((value, i) => {
        found.data[i + (imageOf(i) + 1) * features] = value - shift;
      });
      return found;
    },
    async classify({ shape, data }) {
      const joined = ndArray('n h w d', [shape[0]!, height, width, features]);
      joined.data.forEach((_, i) => {
        const token = imageOf(i) * (1 + places) * features + (i % features);
        joined.data[i] = data[i + (imageOf(i) + 1) * features]! + data[token]!;
      });
      return model.classify(joined, 'features');
    },
    async activationGradient(images, _, classIndex) {
      const { data } = await model.activationGradient(images, 'features', classIndex);
      const slopes = ndArray('n h w d', [images.shape[0]!, 1, 1 + places, features]);
      data.forEach((slope, i) => {
        slopes.data[i + (imageOf(i) + 1) * features] = slope;
        slopes.data[imageOf(i) * (1 + places) * features + (i % features)]! += slope;
      });
      return slopes;
    },
  };
}
