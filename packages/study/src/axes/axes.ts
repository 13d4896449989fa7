import { type Problem, shown, suggestion } from '../text/problems.ts';
import { fields, part, parts, type Sourced, textOf } from '../text/sourced.ts';

export type Label = string | number;

/** One value of an axis. */
export interface AxisValue {
  readonly label: Label;
  /** What `{ "$axis": ... }` stands for. */
  readonly value: Sourced;
  /** Plugin to use, where the axis chooses one. */
  readonly use: Sourced | undefined;
  /** Options over those of the node. */
  readonly options: Sourced | undefined;
  /** The label was made from `use`, so it contains an alias, which no seed may depend on. */
  readonly labelIsUse: boolean;
}

/** An axis value for each axis name. */
export type Combination = ReadonlyMap<string, AxisValue>;

type Report = (problem: Problem) => void;

/** The values of an axis; reports labels that are repeated or cannot be written in an instance's name. */
export function axisValues(values: Sourced, report: Report): readonly AxisValue[] {
  if (!Array.isArray(values.value) || values.value.length === 0) {
    const text = `Expected the values of an axis, a list with at least one item; found ${shown(values.value)}.`;
    report({ code: 'study/invalid', place: values.placeOf([]), text });
    return [];
  }
  // By their text: 1 and "1" would be one name of an instance.
  const seen = new Map<string, AxisValue>();
  for (const item of parts(values)) {
    const value = axisValue(item, report);
    if (value && seen.has(String(value.label))) {
      const text = `The label ${shown(value.label)} is on this axis twice. Give one of them another "label".`;
      report({ code: 'study/invalid', place: item.placeOf([]), text });
    } else if (value) seen.set(String(value.label), value);
  }
  return [...seen.values()];
}

/** A plain value as an axis value. */
export function plainAxisValue(value: Sourced, label: Label): AxisValue {
  return { label, value, use: value, options: undefined, labelIsUse: false };
}

function axisValue(item: Sourced, report: Report): AxisValue | undefined {
  const { value } = item;
  const use = part(item, 'use');
  const label = part(item, 'label')?.value ?? use?.value ?? (typeof value === 'boolean' ? String(value) : value);
  if (!isLabel(label)) {
    const text = `Expected a text or number without [ ] , = to name this value; found ${shown(label)}. Give it a "label".`;
    report({ code: 'study/invalid', place: item.placeOf([]), text });
    return undefined;
  }
  const labelIsUse = typeof value === 'string' || (use !== undefined && part(item, 'label') === undefined);
  const plain = typeof value !== 'object';
  return {
    label,
    value: part(item, 'value') ?? item,
    use: plain ? item : use,
    options: part(item, 'with'),
    labelIsUse,
  };
}

function isLabel(value: unknown): value is Label {
  return Number.isFinite(value) || (typeof value === 'string' && value !== '' && !/[[\],=\n]/.test(value));
}

/**
 * Every combination of the axes of a node's `matrix`, without `exclude` and with `include`.
 *
 * @param limit more combinations than this are reported instead of made
 */
export function matrixCombinations(matrix: Sourced | undefined, limit: number, report: Report): readonly Combination[] {
  if (!matrix) return [new Map()];
  const entries = [...fields(matrix)].filter(([name]) => name !== 'include' && name !== 'exclude');
  for (const [name, values] of entries) checkAxisName(name, values, report);
  const axes = new Map(entries.map(([name, values]) => [name, axisValues(values, report)]));
  const count = [...axes.values()].reduce((product, values) => product * values.length, 1);
  if (count > limit) {
    const text = `This matrix has ${count} combinations; a study may have ${limit} instances. Shorten an axis or raise "maxInstances".`;
    report({ code: 'study/invalid', place: matrix.placeOf([]), text });
    return [];
  }
  let combinations: Combination[] = [new Map()];
  for (const [name, values] of axes) {
    combinations = combinations.flatMap((before) => values.map((value) => new Map([...before, [name, value]])));
  }
  const excluded = labelRows(part(matrix, 'exclude'), axes, false, report);
  const included = labelRows(part(matrix, 'include'), axes, true, report);
  const kept = combinations.filter((combination) => !excluded.some((row) => matches(combination, row)));
  return distinct([...kept, ...included]);
}

function checkAxisName(name: string, values: Sourced, report: Report): void {
  if (isLabel(name)) return;
  const place = values.placeOf([]);
  const text = `Expected a name of an axis without [ ] , =; found ${shown(name)}.`;
  report({ code: 'study/invalid', place: 'path' in place ? { ...place, key: true } : place, text });
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

/** The rows of `include` or `exclude`, each label looked up on its axis; new labels are allowed in `include`. */
function labelRows(
  rows: Sourced | undefined,
  axes: ReadonlyMap<string, readonly AxisValue[]>,
  complete: boolean,
  report: Report,
): readonly Combination[] {
  return (rows ? parts(rows) : []).flatMap((row) => {
    const given = fields(row);
    const missing = complete ? [...axes.keys()].find((axis) => !given.has(axis)) : undefined;
    if (missing !== undefined) {
      const text = `"include" must name every axis of this matrix; "${missing}" is missing.`;
      report({ code: 'study/invalid', place: row.placeOf([]), text });
      return [];
    }
    const found = [...given].map(([axis, label]) => [axis, labelOn(axis, label, axes, complete, report)] as const);
    return found.every((pair): pair is readonly [string, AxisValue] => pair[1] !== undefined) ? [new Map(found)] : [];
  });
}

function labelOn(
  axis: string,
  label: Sourced,
  axes: ReadonlyMap<string, readonly AxisValue[]>,
  mayBeNew: boolean,
  report: Report,
): AxisValue | undefined {
  const values = axes.get(axis);
  const found = values?.find((value) => value.label === label.value);
  if (found) return found;
  const alike = values?.find((value) => String(value.label) === String(label.value));
  if (values && mayBeNew && !alike) return axisValue(label, report);
  const text = values
    ? `The axis "${axis}" has no label ${shown(label.value)}.${suggestion(
        textOf(label.value),
        values.map((value) => String(value.label)),
      )}`
    : `This matrix has no axis "${axis}".${suggestion(axis, axes.keys())}`;
  report({ code: 'study/invalid', place: label.placeOf([]), text });
  return undefined;
}
