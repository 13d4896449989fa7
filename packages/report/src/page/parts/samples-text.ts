import type { ScoreResult } from '@espalier/analysis';

/** Several samples of a kind, in a word. */
export function samplesText(sample: ScoreResult['sample']): string {
  return sample === 'class' ? 'classes' : `${sample}s`;
}
