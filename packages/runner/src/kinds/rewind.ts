import { type ParameterInfo, type ParameterRole, StudyError, type Weights } from '@espalier/core';
import * as z from 'zod';
import type { ModelValue } from '../artifact-kinds.ts';

/** Going back to the weights that training started from, before it starts again (Frankle and Carbin 2019). */
export const rewindOption = z
  .strictObject({
    biases: z
      .enum(['initial', 'aliased'])
      .default('initial')
      .describe(
        'biases and shifts: the initial ones, or `aliased`, where training writes into the initial ones themselves, ' +
          'so that from the second round on they are the last trained ones',
      ),
    statistics: z
      .enum(['initial', 'kept'])
      .default('initial')
      .describe('running means and variances: the initial ones, or those kept from the training before'),
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
 * `aliased` biases and `kept` statistics are what the released code of arXiv 2509.21387 does: `param.data =
 * initial_state_dict[name]` shares memory, so training changes the initial biases, and no buffer is ever reset.
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
  if (role === 'statistic') return statistics === 'kept';
  return (role === 'bias' || role === 'shift') && biases === 'aliased' && round > 1;
}
