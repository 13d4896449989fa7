import type { Origin } from '@espalier/core';
import { ascending } from 'd3-array';
import type { ScoreResult } from '../results/score-results.ts';
import type { Label } from '../study/axes.ts';

/** A value of a table; null where there is none. */
export type Cell = string | number | null;

/** A column of a table: as many values as the table has rows. */
export interface TableColumn {
  readonly name: string;
  readonly type: 'text' | 'number';
  readonly values: readonly Cell[];
}

type ColumnKind = Pick<TableColumn, 'name' | 'type'>;

/** A table that grows by rows: where a score is from, with a column for every axis of the study, then columns of its own. */
export class TableOfScores {
  readonly #columns: readonly (ColumnKind & { readonly values: Cell[] })[];
  readonly #study: string;

  /** @param own columns after those that say where a score is from */
  constructor(study: string, origins: readonly Origin[], own: readonly ColumnKind[]) {
    this.#study = study;
    const axes = [...new Set(origins.flatMap(({ labels }) => Object.keys(labels)))].sort(ascending);
    const axisColumns = axes.map((axis) => ({ name: axisColumn(axis), type: axisType(axis, origins) }));
    this.#columns = [...place, ...axisColumns, ...series, ...own].map((column) => ({ ...column, values: [] }));
  }

  /** Adds rows about `result`; a cell of the row's own comes before what `result` says, and other columns are empty. */
  add(result: ScoreResult, rows: Iterable<Readonly<Record<string, Cell>>>): void {
    const { origin, model } = result;
    const labels = Object.entries(origin.labels).map(([axis, label]): [string, Label] => [axisColumn(axis), label]);
    const cells: Record<string, Cell> = {
      ...Object.fromEntries(labels),
      study: this.#study,
      node: origin.node,
      instance: origin.instance,
      use: origin.use,
      sparsity_nominal: result.nominal,
      sparsity_counted: result.counted,
      model: model?.origin.instance ?? null,
      explainer: result.explainer,
      metric: result.metric,
      preset: result.preset,
      direction: result.direction,
      sample_kind: result.sample,
    };
    const columns = this.#columns.map((column) => ({ ...column, common: cells[column.name] ?? null }));
    for (const own of rows)
      for (const { name, type, values, common } of columns) {
        const cell = own[name];
        const found = cell === undefined ? common : cell;
        values.push(type === 'text' && found !== null ? String(found) : found);
      }
  }

  get columns(): readonly TableColumn[] {
    return this.#columns;
  }
}

export const text = (name: string) => ({ name, type: 'text' as const });
export const number = (name: string) => ({ name, type: 'number' as const });

const place = [text('study'), text('node'), text('instance'), text('use')];
const series = [
  ...[number('sparsity_nominal'), number('sparsity_counted'), text('model'), text('explainer')],
  ...[text('metric'), text('preset'), text('direction'), text('sample_kind')],
];

function axisColumn(axis: string): string {
  return `axis_${axis}`;
}

function axisType(axis: string, origins: readonly Origin[]): TableColumn['type'] {
  return origins.every(({ labels }) => typeof (labels[axis] ?? 0) === 'number') ? 'number' : 'text';
}
