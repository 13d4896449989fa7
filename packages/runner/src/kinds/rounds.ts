import { type OptionFinding, StudyError } from '@espalier/core';
import type { KindKnowledge } from '@espalier/study';
import * as z from 'zod';

/** Several rounds of pruning and training for one level. */
export const roundsOption = z
  .array(
    z.strictObject({
      sparsity: z.number().min(0).lt(1).describe('what the level is called'),
      round: z.int().min(1).max(1000).describe('rounds since the dense model after which it is reached'),
    }),
  )
  .min(1)
  .nullable()
  .default(null)
  .describe('the round at which each level is reached, masking and training in each; null: every level is one round');

/** Other sparsities on the way to that of a level. */
export const gradualOption = z
  .strictObject({
    rounds: z.int().min(2).max(1000).describe('rounds of masking and training until the level is reached'),
    schedule: z
      .enum(['cubic', 'linear', 'exponential'])
      .default('cubic')
      .describe(
        'the sparsity after each: cubic takes most at first (Zhu and Gupta 2017), linear the same number of weights in each, exponential the ' +
          'same fraction of what is left (lottery tickets: Frankle and Carbin 2019)',
      ),
  })
  .nullable()
  .default(null)
  .describe('reach the level in several rounds, from the sparsity of the model before; null reaches it at once');

/** The sparsity after a part of the rounds, from 0 to 1, on the way between two. */
export function gradualSparsity(
  { schedule }: Pick<NonNullable<z.output<typeof gradualOption>>, 'schedule'>,
  from: number,
  to: number,
  part: number,
): number {
  if (schedule === 'exponential') return 1 - (1 - from) * ((1 - to) / (1 - from)) ** part;
  return to + (from - to) * (1 - part) ** (schedule === 'cubic' ? 3 : 1);
}

/** What `gradual` is not for. */
export function gradualFindings(
  gradual: z.output<typeof gradualOption>,
  rounds: z.output<typeof roundsOption>,
  { use, takesAnyLevel }: Pick<KindKnowledge, 'use' | 'takesAnyLevel'>,
): readonly OptionFinding[] {
  if (!gradual) return [];
  if (rounds)
    return [
      {
        path: ['gradual'],
        text: `${use} has both "gradual" and "rounds": rounds are either for levels on the way or for none. Leave one out.`,
      },
    ];
  if (takesAnyLevel) return [];
  const text = `${use} has no other sparsities than its own, so there is none on the way to it. Leave "gradual" out, or take "rounds".`;
  return [{ path: ['gradual'], text }];
}

/**
 * The round with which the level `sparsity` ends, counted from 1 since the dense model; `before` are done.
 *
 * @throws StudyError `core/options-invalid` when no round is given for the level, or one that is done already
 */
export function lastRound(
  use: string,
  rounds: z.output<typeof roundsOption>,
  sparsity: number,
  before: number,
): number {
  if (!rounds) return before + 1;
  const found = rounds.find((level) => level.sparsity === sparsity);
  if (!found) {
    const known = rounds.map((level) => level.sparsity).join(', ');
    throw new StudyError(
      'core/options-invalid',
      `${use}: "rounds" has no round for the level ${sparsity}; it has the levels ${known}. Add { "sparsity": ${sparsity}, "round": … }.`,
    );
  }
  if (found.round > before) return found.round;
  throw new StudyError(
    'core/options-invalid',
    `${use}: the level ${sparsity} is reached after ${found.round} rounds, but the model on its input was pruned ${before} times. ` +
      'Rounds count on from the dense model: give every level a later round than the one before.',
  );
}

/** What `lastRound` would refuse, before anything runs, where the plugin says what its levels are called. */
export function roundFindings(
  rounds: z.output<typeof roundsOption>,
  { use, level, levelBefore }: Pick<KindKnowledge, 'use' | 'level' | 'levelBefore'>,
): readonly OptionFinding[] {
  if (!rounds || level === undefined) return [];
  const before = rounds.find(({ sparsity }) => sparsity === levelBefore)?.round ?? 0;
  try {
    lastRound(use, rounds, level, before);
    return [];
  } catch (error) {
    if (!StudyError.is(error)) throw error;
    return [{ path: ['rounds'], text: error.message }];
  }
}
