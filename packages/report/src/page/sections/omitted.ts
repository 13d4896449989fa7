import { seriesOf, span } from '@espalier/analysis';
import { foldedTable, type Html } from '@espalier/html';
import type { PageData } from '../page-data.ts';

/** Which samples have no score, by measure and reason; null where all have one. */
export function omittedTable(data: PageData): Html | null {
  const incomplete = data.levels.filter(({ results }) => results.some(({ omitted }) => omitted.length > 0));
  if (incomplete.length === 0) return null;
  const rows = seriesOf(data, incomplete).flatMap(({ name, levels, score }) => {
    const results = levels.flatMap((level) => level.results);
    const reasons = [...new Set(results.flatMap(({ omitted }) => omitted.map(({ reason }) => reason)))];
    const measure = `${[score.words.name, name].filter((part) => part !== '').join(', ')} (${score.preset})`;
    return reasons.map((reason) => {
      const counts = results.map(({ omitted }) => omitted.find((part) => part.reason === reason)?.count ?? 0);
      return [measure, reason, span(extentOf(counts)), span(extentOf(results.map(({ n }) => n)))];
    });
  });
  return foldedTable('Samples without a score', {
    caption: 'Samples that a measure leaves out of its mean, and why: fewest to most over the models.',
    head: ['Measure', 'Why', 'Without', 'With'],
    rows,
    numbersFrom: 2,
  });
}

function extentOf(counts: readonly number[]): readonly [number, number] {
  return [Math.min(...counts), Math.max(...counts)];
}
