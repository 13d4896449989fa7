import type { Origin, Scores, Split } from '@espalier/core';
import { compareText, type Label } from './axes.ts';
import type { ScoreResult } from './score-results.ts';

export type Cell = string | number | null;

export interface TableColumn {
  readonly name: string;
  readonly type: 'text' | 'number';
  readonly values: readonly Cell[];
}

interface RowPart {
  readonly metric: string;
  readonly sample: string;
  readonly at: number | null;
  readonly value: number;
}

/**
 * One row per sample, metric and instance. A metric with a curve adds one row per sample and position, named
 * `<metric>-curve`, with its position in `at`, so that filtering by metric never mixes the two.
 */
export class ScoreTable {
  readonly #columns: Map<string, { type: TableColumn['type']; values: Cell[] }>;
  readonly #study: string;
  readonly #axes: readonly string[];
  readonly #classOf: ReadonlyMap<string, string>;

  constructor(study: string, origins: readonly Origin[], images: Split) {
    this.#study = study;
    this.#axes = [...new Set(origins.flatMap(({ labels }) => Object.keys(labels)))].sort(compareText);
    this.#classOf = new Map(images.ids.map((id, i) => [id, images.classes[images.labels[i]!] ?? '']));
    const axisColumn = (name: string) => ({ name: `axis_${name}`, type: axisType(name, origins) });
    const columns = [...fixedBefore, ...this.#axes.map(axisColumn), ...fixedAfter];
    this.#columns = new Map(columns.map(({ name, type }) => [name, { type, values: [] }]));
  }

  add(scores: Scores, result: ScoreResult): void {
    const { metric, ids, curve } = scores;
    scores.values.forEach((value, i) => {
      this.#addRow(result, { metric, sample: ids[i]!, at: null, value });
    });
    if (!curve || result.alternative !== null) return; // curves of every definition would outgrow all else
    const width = curve.at.length;
    curve.values.data.forEach((value, i) => {
      this.#addRow(result, {
        metric: `${metric}-curve`,
        sample: ids[Math.floor(i / width)]!,
        at: curve.at[i % width]!,
        value,
      });
    });
  }

  get columns(): readonly TableColumn[] {
    return [...this.#columns].map(([name, column]) => ({ name, ...column }));
  }

  get rowCount(): number {
    return this.#columns.get('value')!.values.length;
  }

  #addRow(result: ScoreResult, row: RowPart): void {
    const { origin, model } = result;
    const cells: Record<string, Cell> = {
      study: this.#study,
      node: origin.node,
      instance: origin.instance,
      use: origin.use,
      sparsity_nominal: result.nominal,
      sparsity_counted: result.counted,
      model: model?.origin.instance ?? null,
      explainer: result.explainer,
      metric: row.metric,
      preset: result.preset,
      direction: result.direction,
      sample_kind: result.sample,
      sample: row.sample,
      class: (result.sample === 'image' && this.#classOf.get(row.sample)) || null,
      at: row.at,
      value: row.value,
    };
    for (const name of this.#axes) cells[`axis_${name}`] = axisCell(origin, name, this.#columns);
    for (const [name, column] of this.#columns) column.values.push(cells[name] ?? null);
  }
}

const text = (name: string) => ({ name, type: 'text' as const });
const number = (name: string) => ({ name, type: 'number' as const });
const fixedBefore = [text('study'), text('node'), text('instance'), text('use')];
const fixedAfter = [
  ...[number('sparsity_nominal'), number('sparsity_counted'), text('model'), text('explainer')],
  ...[text('metric'), text('preset'), text('direction'), text('sample_kind'), text('sample'), text('class')],
  ...[number('at'), number('value')],
];

function axisType(name: string, origins: readonly Origin[]): TableColumn['type'] {
  return origins.every(({ labels }) => typeof (labels[name] ?? 0) === 'number') ? 'number' : 'text';
}

function axisCell(origin: Origin, name: string, columns: ReadonlyMap<string, { type: TableColumn['type'] }>): Cell {
  const label: Label | undefined = origin.labels[name];
  if (label === undefined) return null;
  return columns.get(`axis_${name}`)!.type === 'text' ? String(label) : label;
}
