import type { Origin } from '@espalier/core';
import { twoSidedQuantile } from '@espalier/numerics';
import type { ScoreResult } from '../results/score-results.ts';
import { number, type TableColumn, TableOfScores, text } from './table.ts';

/**
 * One row per metric and instance: the mean over its samples with a 95 % interval (Student's t over the samples), how
 * many samples it has and how many were left out. The points of a mean curve are rows of their own, named
 * `<metric>-curve`, with the position in `at`. A score that is no mean over samples has no interval.
 */
export function summaryColumns(
  study: string,
  origins: readonly Origin[],
  results: readonly ScoreResult[],
): readonly TableColumn[] {
  const table = new TableOfScores(study, origins, ownColumns);
  for (const result of results) {
    const { role, aspect, n, summary, value, standardError, curve } = result;
    const omitted = result.omitted.reduce((sum, { count }) => sum + count, 0);
    const common = { role, aspect: aspect ?? null, summary, n, omitted };
    table.add(result, [{ ...common, ...interval(value, standardError, n) }]);
    if (!curve || result.alternative !== null) continue; // as in the table of samples
    table.add(
      result,
      curve.at.map((at, i) => {
        const point = interval(curve.mean[i]!, curve.standardError[i]!, n);
        return { ...common, metric: `${result.metric}-curve`, summary: 'mean', at, ...point };
      }),
    );
  }
  return table.columns;
}

const ownColumns = [
  ...[text('role'), text('aspect'), text('summary'), number('n'), number('omitted'), number('at')],
  ...[number('value'), number('standard_error'), number('low'), number('high')],
];

function interval(value: number | null, error: number | null, n: number) {
  const half = error === null || value === null ? null : twoSidedQuantile(0.05, n - 1) * error;
  return {
    value,
    standard_error: error,
    low: half === null || value === null ? null : value - half,
    high: half === null || value === null ? null : value + half,
  };
}
