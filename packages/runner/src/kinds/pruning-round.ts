import {
  type Masks,
  type Model,
  type NdArray,
  type ParameterInfo,
  type ParameterRole,
  StudyError,
  type Weights,
} from '@espalier/core';
import * as z from 'zod';
import type { ModelValue } from '../artifacts/artifact-kinds.ts';

/** What one round of pruning does to the weights, besides removing some. */
export interface RoundRules {
  /** Counted from 1, since the dense model. */
  readonly round: number;
  /** Whether the masks are enforced from then on. */
  readonly enforceMasks: boolean;
  /** Where to go back to before training; undefined goes on from the weights as they are. */
  readonly back: { readonly initial: ModelValue; readonly rewind: Rewind } | undefined;
}

/** The model that a round trains: `model` with the masks applied, on its own weights or on those it goes back to. */
export async function appliedMasks(
  model: Model,
  masks: Masks,
  { round, enforceMasks, back }: RoundRules,
): Promise<Model> {
  if (enforceMasks && !back) return model.masked(masks);
  const own = await model.weights();
  const weights = back ? await rewound(own, { ...back, parameters: model.parameters, round }) : own;
  if (!enforceMasks) return model.withWeights(zeroedOnce(weights, masks));
  using masked = await model.masked(masks);
  return await masked.withWeights(weights);
}

/** Copies of the weights, zero where the masks are 0; nothing keeps them zero. */
function zeroedOnce(weights: Weights, masks: Masks): Weights {
  return new Map(
    [...weights].map(([name, array]): [string, NdArray] => {
      const mask = masks.get(name);
      return [name, mask ? { ...array, data: array.data.map((value, i) => (mask[i] === 0 ? 0 : value)) } : array];
    }),
  );
}

/** Going back to the weights that training started from, before it starts again (Frankle and Carbin 2019). */
export const rewindOption = z
  .strictObject({
    biases: z
      .enum(['every-round', 'first-round'])
      .default('every-round')
      .describe(
        'when biases and shifts go back: in every round, or in the first round only, after which they go on from what training made of them',
      ),
    statistics: z
      .enum(['every-round', 'never'])
      .default('every-round')
      .describe('when running means and variances go back: in every round, or never'),
  })
  .nullable()
  .default(null)
  .describe(
    'before training, go back to the weights of the input `initial`, masks applied; null goes on from the trained ones',
  );

type Rewind = NonNullable<z.output<typeof rewindOption>>;

/** The weights that round `round` trains from, before masks. @throws StudyError `core/weights-mismatch` for another architecture */
export async function rewound(current: Weights, { parameters, initial, rewind, round }: RewindPlace): Promise<Weights> {
  const before = await initial.model.weights();
  return new Map(
    parameters.map(({ name, role }) => {
      const array = (keepsTrained(role, rewind, round) ? current : before).get(name);
      if (array) return [name, array];
      throw new StudyError(
        'core/weights-mismatch',
        `The model on the input "initial" (${initial.architecture}) has no parameter "${name}" to go back to. ` +
          'Connect the untrained model that this one was trained from.',
      );
    }),
  );
}

interface RewindPlace {
  readonly parameters: readonly ParameterInfo[];
  readonly initial: ModelValue;
  readonly rewind: Rewind;
  readonly round: number;
}

function keepsTrained(role: ParameterRole, { biases, statistics }: Rewind, round: number): boolean {
  if (role === 'statistic') return statistics === 'never';
  return (role === 'bias' || role === 'shift') && biases === 'first-round' && round > 1;
}
