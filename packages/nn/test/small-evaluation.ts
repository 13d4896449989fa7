import type { Weights } from '@espalier/core';
import type { Ops } from '@espalier/engine';
import { EvaluationNetwork } from '../src/evaluation/evaluation-network.ts';
import { shapesOf } from '../src/graph/shapes-of.ts';
import { smallInput, smallNetwork, smallWeights } from './small-network.ts';

/** The small network as it is evaluated, in float32. */
export function smallEvaluation(ops: Ops, weights: Weights = smallWeights()): EvaluationNetwork {
  const shapes = shapesOf(smallNetwork, smallInput);
  return new EvaluationNetwork({ ops, network: smallNetwork, weights, shapes, dtype: 'float32' });
}
