import { readFileSync } from 'node:fs';

/** The parts of a `results.json` that the checks read. */
export interface Results {
  readonly models: readonly {
    readonly instance: string;
    /** Null where the last epoch's weights were kept. */
    readonly selected: { readonly epoch: number } | null;
    readonly sparsity: {
      readonly nominal: number | null;
      readonly counted: number;
      /** Null for a model that no pruner has made. */
      readonly claim: { readonly removed: number; readonly counted: number; readonly held: boolean } | null;
    };
  }[];
  readonly scores: readonly {
    readonly metric: string;
    readonly model: string | null;
    readonly sparsity: { readonly nominal: number | null };
    readonly value: number;
  }[];
}

export function readResults(file: string): Results {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/**
 * Throws unless every dense model's accuracy reaches `accuracy`, at least `levels` sparsity levels were pruned to, and every
 * pruned model's counted sparsity is within 1e-4 of its nominal one. A model that no pruner made only stands beside a level.
 */
export function checkResults(
  { models, scores }: Results,
  bars: { readonly accuracy: number; readonly levels: number },
): string {
  const dense = scores.filter(({ metric, sparsity }) => metric === 'accuracy' && sparsity.nominal === 0);
  const worst = Math.min(...dense.map(({ value }) => value));
  if (dense.length === 0 || worst < bars.accuracy)
    throw new Error(`Dense accuracy: expected at least ${bars.accuracy}, found ${worst}.`);
  const pruned = models.filter(({ sparsity }) => sparsity.claim !== null);
  const levels = new Set(pruned.flatMap(({ sparsity }) => sparsity.nominal ?? []));
  if (levels.size < bars.levels)
    throw new Error(`Sparsity levels: expected at least ${bars.levels}, found ${[...levels].join(', ')}.`);
  for (const { instance, sparsity } of pruned) {
    const gap = Math.abs(sparsity.counted - (sparsity.nominal ?? 0));
    if (!(gap <= 1e-4))
      throw new Error(`${instance}: nominal sparsity ${sparsity.nominal}, counted ${sparsity.counted}.`);
  }
  return `dense accuracy ${worst.toFixed(4)}, levels ${[...levels].join(', ')}, every counted sparsity within 1e-4 of its nominal one`;
}

/**
 * Throws unless masks did what their nodes say: those that were enforced are zero in the model as evaluated, and the others
 * regrew, to less than half of what they removed. (Not to nothing: a rule may zero scales too, and a channel that a zero scale
 * silences before its ReLU has no gradient to grow by.) Weights that were kept from before the first epoch had no time to.
 */
export function checkProtocol({ models }: Results): string {
  const claims = models.flatMap(({ instance, selected, sparsity: { claim } }) =>
    claim && (claim.held || selected?.epoch !== 0) ? [{ instance, ...claim }] : [],
  );
  for (const { instance, removed, counted, held } of claims) {
    const text = `${instance}: masks removed ${removed}, counted ${counted}.`;
    if (held && counted < removed - 1e-4) throw new Error(`Enforced masks were lost. ${text}`);
    if (!held && counted > removed / 2)
      throw new Error(`Weights of masks that nothing enforced did not regrow. ${text}`);
  }
  const [enforced, not] = [true, false].map((kind) => claims.filter((claim) => claim.held === kind).length);
  if (!enforced || !not)
    throw new Error(`Expected masks enforced and not, then trained; found ${enforced} and ${not} models.`);
  return `${enforced} models enforce their masks; ${not} regrew, as nothing enforced theirs`;
}

/**
 * Throws unless the concepts of every dense model recover at least `share` of the planted ones, and those of its null fewer: the
 * metric `concept-recovered` is 1 where a planted concept is found with a specific area under the ROC curve of at least 0.8.
 */
export function checkRecovery({ scores }: Results, share: number): string {
  const metric = 'concept-recovered';
  const found = scores.filter((score) => score.metric === metric && score.sparsity.nominal === 0);
  if (found.length === 0) throw new Error(`Recovery: expected scores "${metric}" of a dense model, found none.`);
  const lines = found.map(({ model, value }) => {
    const above = scores.find((score) => score.metric === `${metric}-minus-null` && score.model === model);
    if (!above) throw new Error(`Recovery of ${model}: expected a null, found none.`);
    const nullValue = value - above.value;
    if (value < share || nullValue >= share)
      throw new Error(
        `Recovery of ${model}: expected at least ${share} by its concepts and less by the null, found ` +
          `${value.toFixed(2)} and ${nullValue.toFixed(2)}.`,
      );
    return `${model} ${value.toFixed(2)} (null ${nullValue.toFixed(2)})`;
  });
  return `planted concepts recovered: ${lines.join(', ')}`;
}
