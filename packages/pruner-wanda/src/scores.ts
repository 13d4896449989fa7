import {
  imagesIn,
  type Model,
  type ModelNeeds,
  type Passes,
  type PlanKnowledge,
  type PruneContext,
  trainingSample,
} from '@espalier/core';

/** What the plugins of this package declare alike. */
export const declared = {
  kind: 'pruner',
  needs: (): ModelNeeds => ({ abilities: ['inputSquares'] }),
  needsData: true,
  passes: (_: unknown, { images }: PlanKnowledge): Passes | undefined => {
    const gradient = imagesIn(images); // about as much as the way back to the parameters
    return gradient === undefined ? undefined : { gradient };
  },
} as const;

/** The scores |w| x of a kernel's weights w, with x the root mean square of what a weight is multiplied with on the images of the sample. */
export async function wandaScores(
  model: Model,
  context: PruneContext,
): Promise<(name: string, weights: Float32Array) => Float32Array> {
  const { images } = await trainingSample(context, 'Wanda weighs weights by what they are multiplied with on images');
  const squares = await model.inputSquares(images);
  return (name, weights) => {
    const { data } = squares.get(name)!;
    return weights.map((weight, i) => Math.abs(weight) * Math.sqrt(data[i]!));
  };
}
