import { craft, randomDictionary } from '@espalier/concepts-craft';
import { describeLabels } from '@espalier/core/testing';
import { deepToyModel } from './deep-toy-model.ts';

const small = { concepts: 3, patch: 0.5, restarts: 0, maxIterations: 4, points: 16, maxPoints: 32, errorTarget: 0 };

describeLabels(craft, {
  bases: [small, { ...small, depth: 1, branch: { importance: 0, crops: 4, concepts: 2 } }],
  values: {
    ...{ layer: ['late'], layers: [['early']], depth: [1] },
    ...{ concepts: [2], part: ['even'], patch: [0.25], points: [32] },
    branch: [{ importance: 0, crops: 3 }, { importance: 0, concepts: 3 }, { importance: 0.2 }],
  },
  toy: () => deepToyModel(),
});
describeLabels(randomDictionary, {
  bases: [{ concepts: 3 }],
  values: { layer: ['features'], patch: [0.5], concepts: [2] },
});
