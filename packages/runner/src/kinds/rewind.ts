import { type ParameterInfo, type ParameterRole, StudyError, type Weights } from '@espalier/core';
import * as z from 'zod';
import type { ModelValue } from '../artifacts/artifact-kinds.ts';

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

export type Rewind = NonNullable<z.output<typeof rewindOption>>;

/**
 * The weights that round `round` (from 1) of pruning starts to train from, before masks.
 *
 * @throws StudyError `core/weights-mismatch` when `initial` is of another architecture
 */
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
