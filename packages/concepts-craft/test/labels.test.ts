import { craft, randomDictionary } from '@espalier/concepts-craft';
import { describeLabels } from '@espalier/core/testing';

const small = { concepts: 3, patch: 0.5, restarts: 0, maxIterations: 4 };

describeLabels(craft, {
  bases: [{ ...small, points: 16, maxPoints: 32, errorTarget: 0 }],
  values: { layer: ['features'], layers: [['features']], concepts: [2], part: ['even'], patch: [0.25], points: [32] },
  untriable: { depth: 'the toy model has one layer' },
});
describeLabels(randomDictionary, {
  bases: [{ concepts: 3 }],
  values: { layer: ['features'], patch: [0.5], concepts: [2] },
});
