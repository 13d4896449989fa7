import { readFileSync } from 'node:fs';

/** The parts of a `results.json` that the checks read. */
export interface Results {
  readonly models: readonly {
    readonly instance: string;
    readonly sparsity: { readonly nominal: number | null; readonly counted: number; readonly agrees: boolean };
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
 * Throws unless every dense model's accuracy reaches `accuracy`, at least `levels` sparsity levels were evaluated, and every
 * model's counted sparsity is within 1e-4 of its nominal one.
 */
export function checkResults(
  { models, scores }: Results,
  bars: { readonly accuracy: number; readonly levels: number },
): string {
  const dense = scores.filter(({ metric, sparsity }) => metric === 'accuracy' && sparsity.nominal === 0);
  const worst = Math.min(...dense.map(({ value }) => value));
  if (dense.length === 0 || worst < bars.accuracy)
    throw new Error(`Dense accuracy: expected at least ${bars.accuracy}, found ${worst}.`);
  const levels = new Set(models.map(({ sparsity }) => sparsity.nominal).filter((level) => level !== null && level > 0));
  if (levels.size < bars.levels)
    throw new Error(`Sparsity levels: expected at least ${bars.levels}, found ${[...levels].join(', ')}.`);
  for (const { instance, sparsity } of models) {
    const gap = Math.abs(sparsity.counted - (sparsity.nominal ?? 0));
    if (!(gap <= 1e-4))
      throw new Error(`${instance}: nominal sparsity ${sparsity.nominal}, counted ${sparsity.counted}.`);
  }
  return `dense accuracy ${worst.toFixed(4)}, levels ${[...levels].join(', ')}, every counted sparsity within 1e-4 of its nominal one`;
}
