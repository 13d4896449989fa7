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
