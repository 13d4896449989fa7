import { compareResults, type ResultsComparison } from '@espalier/analysis';
import type { ComparedRun } from '../../runs/compared-run.ts';
import { type SettingDifference, settingDifferences } from '../../runs/settings.ts';

/** Two runs side by side: what they were asked, and what they found. */
export interface Comparison extends ResultsComparison {
  readonly a: ComparedRun;
  readonly b: ComparedRun;
  readonly settings: readonly SettingDifference[];
  /** The results are the same to the byte. */
  readonly isSame: boolean;
}

/** Compares what two runs were asked and what they found. */
export function comparisonOf(a: ComparedRun, b: ComparedRun): Comparison {
  return {
    ...compareResults(a.results, b.results),
    ...{ a, b, settings: settingDifferences(a.settings, b.settings), isSame: a.digest === b.digest },
  };
}
