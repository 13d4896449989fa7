import { type LevelResult, metricText, ordered, seriesName, span } from '@espalier/analysis';
import type { Html } from '@espalier/html';
import { group } from 'd3-array';
import type { ReportData } from './report-data.ts';
import { foldedTable } from './table.ts';

/** Which images have no score, by measure and reason; null where all have one. */
export function omittedTable(data: ReportData): Html | null {
  const incomplete = data.levels.filter(({ results }) => results.some(({ omitted }) => omitted.length > 0));
  if (incomplete.length === 0) return null;
  const measure = (level: LevelResult) => JSON.stringify([level.metric, level.preset, seriesName(data, level)]);
  const rows = [...group(ordered(data, incomplete), measure).values()].flatMap((levels) => {
    const results = levels.flatMap((level) => level.results);
    const reasons = [...new Set(results.flatMap(({ omitted }) => omitted.map(({ reason }) => reason)))];
    return reasons.map((reason) => {
      const counts = results.map(({ omitted }) => omitted.find((group) => group.reason === reason)?.count ?? 0);
      const measured = results.map(({ n }) => n);
      const { preset } = levels[0]!;
      const name = [metricText(levels[0]!).short, seriesName(data, levels[0]!)]
        .filter((part) => part !== '')
        .join(', ');
      return [`${name} (${preset})`, reason, span(extent(counts)), span(extent(measured))];
    });
  });
  return foldedTable('Images without a score', {
    caption: 'Images that a measure leaves out of its mean, and why: fewest to most over the models.',
    head: ['Measure', 'Why', 'Without', 'With'],
    rows,
    numbersFrom: 2,
  });
}

function extent(counts: readonly number[]): readonly [number, number] {
  return [Math.min(...counts), Math.max(...counts)];
}
