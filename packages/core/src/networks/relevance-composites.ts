import * as z from 'zod';
import type { OperationKind, RelevanceRule, RelevanceRules, RuleEntry } from './relevance-rules.ts';

/** Sets of rules for whole networks, by the names of Zennit; the first four have one rule for all weights. */
export const relevanceComposites = [
  'epsilon',
  'gamma',
  'z-plus',
  'alpha2-beta1',
  'epsilon-plus',
  'epsilon-plus-flat',
  'epsilon-alpha2-beta1',
  'epsilon-alpha2-beta1-flat',
  'epsilon-gamma-box',
] as const;

/** The name of a set of rules. */
export type RelevanceComposite = (typeof relevanceComposites)[number];

/** Options of methods that hand back relevance: a composite and its numbers. */
export const compositeOptions = {
  composite: z
    .enum(relevanceComposites)
    .default('epsilon-plus-flat')
    .describe(
      "rules for the layers with weights, by Zennit's names: dense ones by `epsilon`, the first one by `flat` or a box",
    ),
  epsilon: z
    .number()
    .min(0)
    .max(1e6)
    .default(1e-6)
    .describe('epsilon of the rule of that name, which absorbs relevance; 0 is LRP-0'),
  gamma: z.number().min(0).max(1e6).default(0.25).describe('how much more positive weights count by the rule `gamma`'),
  stabilizer: z
    .number()
    .min(0)
    .max(1e6)
    .default(1e-6)
    .describe('epsilon of all other rules, which keeps quotients finite'),
} as const;

/** A composite and its numbers. */
export type CompositeOptions = z.output<z.ZodObject<typeof compositeOptions>>;

/**
 * The rules of layer-wise relevance propagation for every kind of layer: those of a composite where there are weights, the share in what is
 * computed where values are added, averaged or multiplied, all for the largest of a maximum, and what arrives for functions of one value
 * and normalisation.
 *
 * Sources: Montavon et al. (2019), https://doi.org/10.1007/978-3-030-28954-6_10; composites of Anders et al. (2021),
 * https://arxiv.org/abs/2106.13200; transformers by Achtibat et al. (2024), https://arxiv.org/abs/2402.05602.
 */
export function relevanceRules({ composite, epsilon, gamma, stabilizer }: CompositeOptions): RelevanceRules {
  const weights = entriesOf({
    epsilon: { rule: 'epsilon', epsilon },
    gamma: { rule: 'gamma', gamma, epsilon: stabilizer },
    plus: { rule: 'alpha-beta', alpha: 1, beta: 0, epsilon: stabilizer },
    alphaBeta: { rule: 'alpha-beta', alpha: 2, beta: 1, epsilon: stabilizer },
    flat: { rule: 'flat', epsilon: stabilizer },
    box: { rule: 'z-box', epsilon: stabilizer },
  });
  return { start: 'logit', entries: [...weights[composite], ...withoutWeights(stabilizer)] };
}

interface Rules {
  readonly epsilon: RelevanceRule;
  readonly gamma: RelevanceRule;
  readonly plus: RelevanceRule;
  readonly alphaBeta: RelevanceRule;
  readonly flat: RelevanceRule;
  readonly box: RelevanceRule;
}

function entriesOf(rules: Rules): Readonly<Record<RelevanceComposite, readonly RuleEntry[]>> {
  const all = (rule: RelevanceRule): readonly RuleEntry[] => [{ kinds: ['convolution', 'dense'], rule }];
  const split = (rule: RelevanceRule): readonly RuleEntry[] => [
    { kinds: ['convolution'], rule },
    { kinds: ['dense'], rule: rules.epsilon },
  ];
  const flat: RuleEntry = { first: true, kinds: ['convolution', 'dense'], rule: rules.flat };
  return {
    epsilon: all(rules.epsilon),
    gamma: all(rules.gamma),
    'z-plus': all(rules.plus),
    'alpha2-beta1': all(rules.alphaBeta),
    'epsilon-plus': split(rules.plus),
    'epsilon-plus-flat': [flat, ...split(rules.plus)],
    'epsilon-alpha2-beta1': split(rules.alphaBeta),
    'epsilon-alpha2-beta1-flat': [flat, ...split(rules.alphaBeta)],
    'epsilon-gamma-box': [{ first: true, kinds: ['convolution'], rule: rules.box }, ...split(rules.gamma)],
  };
}

/**
 * Rules of gradients that are modified at ReLUs: all else has its slope. What is no ReLU, and bends values, is named by none of the sources,
 * and has no rule.
 *
 * Sources: `guided` of Springenberg et al. (2015), https://arxiv.org/abs/1412.6806; `deconvnet` of Zeiler and Fergus (2014),
 * https://arxiv.org/abs/1311.2901.
 */
export function modifiedGradientRules(rule: 'guided' | 'deconvnet'): RelevanceRules {
  const slopes: readonly OperationKind[] = [
    ...(['convolution', 'dense', 'batch-norm', 'layer-norm', 'max-pool', 'average-pool', 'mean'] as const),
    ...(['sum', 'product', 'matrix-product', 'scale', 'move'] as const),
  ];
  return {
    start: 'one',
    entries: [
      { kinds: ['relu', 'clipped-relu'], rule: { rule } },
      { kinds: slopes, rule: { rule: 'gradient' } },
    ],
  };
}

/** By kind, so that a kind that nobody has thought about is refused. */
function withoutWeights(stabilizer: number): readonly RuleEntry[] {
  const shares: readonly OperationKind[] = ['sum', 'mean', 'average-pool', 'product', 'matrix-product'];
  const functions: readonly OperationKind[] = [
    ...(['relu', 'clipped-relu', 'clip', 'sigmoid', 'hard-sigmoid', 'hard-swish', 'silu', 'gelu', 'tanh'] as const),
    ...(['batch-norm', 'layer-norm', 'scale'] as const),
  ];
  return [
    { kinds: shares, rule: { rule: 'epsilon', epsilon: stabilizer } },
    { kinds: functions, rule: { rule: 'identity' } },
    // A softmax is never 0, and its slope times its input needs nothing to keep it finite.
    { kinds: ['softmax'], rule: { rule: 'epsilon', epsilon: 0 } },
    { kinds: ['max-pool', 'move'], rule: { rule: 'gradient' } },
  ];
}
