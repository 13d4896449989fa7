import type { RelevanceRule } from '@espalier/core';
import type { Tensor } from '@espalier/engine';
import type { Computed } from '../graph/forward.ts';
import { kindOf } from '../graph/kinds.ts';
import { type Arriving, type Handed, less, perImage, plus } from './arriving.ts';
import { handedByWeights } from './weighted-rules.ts';

/** What a step hands on of what arrives at it, by a rule that fits it: see `RelevanceRule` of core. */
export function handedOn(asked: Arriving, rule: RelevanceRule): Handed {
  const { layer } = asked.step.node;
  const isWeighted = layer.kind === 'convolution' || layer.kind === 'dense';
  if (isWeighted && 'epsilon' in rule) return handedByWeights(asked, layer, rule);
  switch (rule.rule) {
    case 'gradient':
      return asItIs(asked, slopes(asked, asked.relevance));
    case 'identity':
      return asItIs(asked, [asked.ops.reshape(asked.relevance, asked.relevance.shape)]);
    case 'guided':
      return asItIs(asked, slopes(asked, asked.ops.relu(asked.relevance)));
    case 'deconvnet':
      return asItIs(asked, [asked.ops.relu(asked.relevance)]);
    case 'epsilon':
      return byShares(asked, rule.epsilon);
    default:
      throw new Error(`the rule "${rule.rule}" does not fit the layer "${asked.step.node.name}"`); // `rulesFor` refused it
  }
}

/** x dz/dx (R / z); where inputs are multiplied with each other, each as much as the others. */
function byShares(asked: Arriving, epsilon: number): Handed {
  const { ops, step, relevance, ofImages } = asked;
  return ops.scope((keep) => {
    const quotient = ops.quotient(relevance, step.output, epsilon);
    const products = isProduct(step) ? ofImages.filter(Boolean).length : 1;
    const inputs = slopes(asked, quotient).map(
      (slope, i) => slope && keep(ops.scale(ops.multiply(step.inputs[i]!, slope), 1 / products)),
    );
    const given = perImage(ops, ops.multiply(quotient, step.output));
    const absorbed = less(given, totalOf(asked, inputs));
    return { inputs, kernels: [], absorbed, withheld: less(perImage(ops, relevance), given) };
  });
}

function isProduct({ node }: Computed): boolean {
  return node.layer.kind === 'multiply' || node.layer.kind === 'matmul';
}

/** What is not handed on belongs to what does not depend on the images. */
function asItIs(asked: Arriving, inputs: readonly (Tensor | null)[]): Handed {
  const arrived = perImage(asked.ops, asked.relevance);
  const absorbed = less(arrived, totalOf(asked, inputs));
  return { inputs, kernels: [], absorbed, withheld: arrived.map(() => 0) };
}

function totalOf({ ops, relevance }: Arriving, inputs: readonly (Tensor | null)[]): readonly number[] {
  const none = new Array<number>(relevance.shape[0]!).fill(0);
  return inputs.reduce<readonly number[]>((sum, input) => (input ? plus(sum, perImage(ops, input)) : sum), none);
}

/** The chain rule, for what arrives. */
function slopes({ ops, step, wanted }: Arriving, dy: Tensor): readonly (Tensor | null)[] {
  const { node, inputs, output, saved, parameters } = step;
  const own = { ops, dtype: output.dtype, inputs, output, saved, dy, parameter: parameters.parameter };
  return kindOf(node.layer).backward({ ...own, wanted, gradient: null }, node.layer);
}
