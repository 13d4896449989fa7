import type { Origin, Scores, Split } from '@espalier/core';
import type { ScoreResult } from '../results/score-results.ts';
import { number, type TableColumn, TableOfScores, text } from './table.ts';

/**
 * One row per sample, metric and instance. A metric with a curve adds one row per sample and position, named
 * `<metric>-curve`, with its position in `at`, so that filtering by metric never mixes the two.
 */
export class ScoreTable {
  readonly #table: TableOfScores;
  readonly #classOf: ReadonlyMap<string, string>;

  constructor(study: string, origins: readonly Origin[], images: Split) {
    this.#table = new TableOfScores(study, origins, [text('sample'), text('class'), number('at'), number('value')]);
    this.#classOf = new Map(images.ids.map((id, i) => [id, images.classes[images.labels[i]!] ?? '']));
  }

  add(scores: Scores, result: ScoreResult): void {
    const { metric, ids, curve } = scores;
    const classOf = (id: string) => (result.sample === 'image' && this.#classOf.get(id)) || null;
    this.#table.add(
      result,
      Array.from(scores.values, (value, i) => ({ sample: ids[i]!, class: classOf(ids[i]!), value })),
    );
    if (!curve || result.alternative !== null) return; // curves of every definition would outgrow all else
    const width = curve.at.length;
    this.#table.add(
      result,
      Array.from(curve.values.data, (value, i) => {
        const sample = ids[Math.floor(i / width)]!;
        return { metric: `${metric}-curve`, sample, class: classOf(sample), at: curve.at[i % width]!, value };
      }),
    );
  }

  get columns(): readonly TableColumn[] {
    return this.#table.columns;
  }
}
