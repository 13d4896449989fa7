import type { Label, ResolvedNode, WrittenAxisValue } from '../file/study-schema.ts';
import { atKey, below, type Placed, type PlaceOf } from '../text/placed.ts';
import { type Problem, shown, suggestion } from '../text/problems.ts';

/** One value of an axis. */
export interface AxisValue {
  readonly label: Label;
  /** What `{ "$axis": ... }` stands for. */
  readonly value: Placed;
  /** What names the plugin to use, where the axis chooses one. */
  readonly use: Placed;
  /** Options over those of the node. */
  readonly options: Placed<Readonly<Record<string, unknown>>> | undefined;
  /** The label was made from `use`, so it contains an alias, which no seed may depend on. */
  readonly labelIsUse: boolean;
}

/** An axis value for each axis name. */
export type Combination = ReadonlyMap<string, AxisValue>;

type Matrix = NonNullable<ResolvedNode['matrix']>;
type Report = (problem: Problem) => void;

/** The axes of a node's matrix: the values of each as they are written. */
export function matrixAxes(matrix: Matrix | undefined): ReadonlyMap<string, readonly WrittenAxisValue[]> {
  const { include: _, exclude: __, ...axes } = matrix ?? {};
  return new Map(Object.entries(axes));
}

/** The values of an axis; reports labels that are repeated or cannot be written in an instance's name. */
export function axisValues(
  values: readonly WrittenAxisValue[],
  placeOf: PlaceOf,
  report: Report,
): readonly AxisValue[] {
  // By their text: 1 and "1" would be one name of an instance.
  const seen = new Map<string, AxisValue>();
  for (const [index, item] of values.entries()) {
    const value = axisValue(item, below(placeOf, index), report);
    if (value && seen.has(String(value.label))) {
      const text = `The label ${shown(value.label)} is on this axis twice. Give one of them another "label".`;
      report({ code: 'study/invalid', place: placeOf([index]), text });
    } else if (value) seen.set(String(value.label), value);
  }
  return [...seen.values()];
}

/** A plain value as an axis value. */
export function plainAxisValue(value: Label | boolean, placeOf: PlaceOf): AxisValue {
  const placed = { value, placeOf };
  const label = typeof value === 'boolean' ? String(value) : value;
  return { label, value: placed, use: placed, options: undefined, labelIsUse: typeof value === 'string' };
}

function axisValue(item: WrittenAxisValue, placeOf: PlaceOf, report: Report): AxisValue | undefined {
  const found = typeof item === 'object' ? formOf(item, placeOf) : plainAxisValue(item, placeOf);
  if (isLabel(found.label)) return found;
  const text = `Expected a text or number without [ ] , = to name this value; found ${shown(found.label)}. Give it a "label".`;
  report({ code: 'study/invalid', place: placeOf([]), text });
  return undefined;
}

function formOf(item: Extract<WrittenAxisValue, object>, placeOf: PlaceOf): AxisValue {
  if ('value' in item) {
    const value = { value: item.value, placeOf: below(placeOf, 'value') };
    return { label: item.label, value, use: value, options: undefined, labelIsUse: false };
  }
  return {
    label: item.label ?? item.use,
    value: { value: item, placeOf },
    use: { value: item.use, placeOf: below(placeOf, 'use') },
    options: item.with && { value: item.with, placeOf: below(placeOf, 'with') },
    labelIsUse: item.label === undefined,
  };
}

function isLabel(value: Label): boolean {
  return typeof value === 'number' ? Number.isFinite(value) : value !== '' && !/[[\],=\n]/.test(value);
}

/**
 * Every combination of the axes of a node's `matrix`, without `exclude` and with `include`.
 *
 * @param placeOf the places of the matrix
 * @param limit more combinations than this are reported instead of made
 */
export function matrixCombinations(
  matrix: Matrix | undefined,
  { placeOf, limit, report }: { readonly placeOf: PlaceOf; readonly limit: number; readonly report: Report },
): readonly Combination[] {
  if (!matrix) return [new Map()];
  const written = matrixAxes(matrix);
  for (const name of written.keys()) checkAxisName(name, placeOf, report);
  const axes = new Map([...written].map(([name, values]) => [name, axisValues(values, below(placeOf, name), report)]));
  const count = [...axes.values()].reduce((product, values) => product * values.length, 1);
  if (count > limit) {
    const text = `This matrix has ${count} combinations; a study may have ${limit} instances. Shorten an axis or raise "maxInstances".`;
    report({ code: 'study/invalid', place: placeOf([]), text });
    return [];
  }
  let combinations: Combination[] = [new Map()];
  for (const [name, values] of axes) {
    combinations = combinations.flatMap((before) => values.map((value) => new Map([...before, [name, value]])));
  }
  const excluded = labelRows(matrix, 'exclude', { axes, placeOf, report });
  const included = labelRows(matrix, 'include', { axes, placeOf, report });
  const kept = combinations.filter((combination) => !excluded.some((row) => matches(combination, row)));
  return distinct([...kept, ...included]);
}

function checkAxisName(name: string, placeOf: PlaceOf, report: Report): void {
  if (isLabel(name)) return;
  const text = `Expected a name of an axis without [ ] , =; found ${shown(name)}.`;
  report({ code: 'study/invalid', place: atKey(placeOf([name])), text });
}

/** Without repetitions: a row that is there already adds nothing. */
function distinct(combinations: readonly Combination[]): readonly Combination[] {
  const nameOf = (combination: Combination): string =>
    JSON.stringify([...combination].map(([axis, { label }]) => [axis, String(label)]).sort());
  const found = new Map<string, Combination>();
  for (const one of combinations) if (!found.has(nameOf(one))) found.set(nameOf(one), one);
  return [...found.values()];
}

function matches(combination: Combination, row: Combination): boolean {
  return [...row].every(([axis, { label }]) => combination.get(axis)?.label === label);
}

interface RowRequest {
  readonly axes: ReadonlyMap<string, readonly AxisValue[]>;
  /** The places of the matrix. */
  readonly placeOf: PlaceOf;
  readonly report: Report;
}

/** The rows of `include` or `exclude`, each label looked up on its axis; new labels are allowed in `include`. */
function labelRows(matrix: Matrix, rows: 'include' | 'exclude', request: RowRequest): readonly Combination[] {
  const { axes, placeOf, report } = request;
  return (matrix[rows] ?? []).flatMap((row, index) => {
    const missing = rows === 'include' ? [...axes.keys()].find((axis) => !Object.hasOwn(row, axis)) : undefined;
    if (missing !== undefined) {
      const text = `"include" must name every axis of this matrix; "${missing}" is missing.`;
      report({ code: 'study/invalid', place: placeOf([rows, index]), text });
      return [];
    }
    const found = Object.entries(row).map(([axis, value]) => {
      const label = { value, placeOf: below(placeOf, rows, index, axis) };
      return [axis, labelOn(axis, label, rows === 'include', request)] as const;
    });
    return found.every((pair): pair is readonly [string, AxisValue] => pair[1] !== undefined) ? [new Map(found)] : [];
  });
}

function labelOn(
  axis: string,
  label: Placed<Label>,
  mayBeNew: boolean,
  { axes, report }: RowRequest,
): AxisValue | undefined {
  const values = axes.get(axis);
  const found = values?.find((value) => value.label === label.value);
  if (found) return found;
  const alike = values?.find((value) => String(value.label) === String(label.value));
  if (values && mayBeNew && !alike) return axisValue(label.value, label.placeOf, report);
  const text = values
    ? `The axis "${axis}" has no label ${shown(label.value)}.${suggestion(
        String(label.value),
        values.map((value) => String(value.label)),
      )}`
    : `This matrix has no axis "${axis}".${suggestion(axis, axes.keys())}`;
  report({ code: 'study/invalid', place: label.placeOf([]), text });
  return undefined;
}
