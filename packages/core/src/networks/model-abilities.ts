/** What only some models do, by the method of `Model` that does it; a model that lacks one is sound as long as nobody asks for it. */
export const modelAbilities = [
  'withWeights',
  'withNormalisation',
  'activationGradient',
  'parameterGradient',
  'inputSquares',
  'channelGroups',
  'inputRelevance',
  'activationRelevance',
  'kernelRelevance',
  'compacted',
  'multiplyAccumulates',
] as const;

/** One thing that only some models do. */
export type ModelAbility = (typeof modelAbilities)[number];
