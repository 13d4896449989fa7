import type { Origin } from '@espalier/core';
import { ascending } from 'd3-array';

/** Which axes of the study have a meaning for the report. */
export interface AxisNames {
  readonly sparsity: string;
  readonly seed: string;
  /** Draws of what is random but is not trained: masks, dictionaries, random weights. */
  readonly draw: string;
  readonly explainer: string;
  /** Arms of the study: what was done to the models. */
  readonly arm: string;
  /** Label of the arm that is asked about; the others are its controls. Null asks about every arm. */
  readonly treatment: string | null;
  /** Label of the arm that the treatment is held against first; the dense model where it is null. */
  readonly control: string | null;
  /** Definitions of one metric. */
  readonly definition: string;
  /** Label of the definition that claims go by. */
  readonly defaultDefinition: string;
}

export type Label = string | number;
export type Labels = Readonly<Record<string, Label>>;

// Decimal digits, a point and an exponent: `0x10`, blanks and `Infinity` are names.
const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** The label as a number, or null where it is absent or no number. */
export function numericLabel(label: Label | undefined): number | null {
  if (typeof label === 'string' && !decimal.test(label)) return null;
  const value = Number(label ?? Number.NaN);
  return Number.isFinite(value) ? value : null;
}

/** `labels` without the axes `names`. */
export function withoutAxes(labels: Labels, names: readonly string[]): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !names.includes(name)));
}

/** `pruner=magnitude, reduction=sum`, by axis name; empty for no labels. */
export function labelText(labels: Labels): string {
  return Object.keys(labels)
    .sort()
    .map((name) => `${name}=${labels[name]}`)
    .join(', ');
}

/** Orders numbers by value, before texts by code unit. */
export function compareLabels(a: Label | undefined, b: Label | undefined): number {
  const [x, y] = [numericLabel(a), numericLabel(b)];
  if (x !== null && y !== null && x !== y) return x - y;
  if ((x === null) !== (y === null)) return x === null ? 1 : -1;
  return ascending(String(a), String(b));
}

/** Orders by node, then label by label in the order of axis names, then by instance. */
export function compareOrigins(a: Origin, b: Origin): number {
  const names = [...new Set([...Object.keys(a.labels), ...Object.keys(b.labels)])].sort();
  return (
    ascending(a.node, b.node) ||
    names.reduce((order, name) => order || compareLabels(a.labels[name], b.labels[name]), 0) ||
    ascending(a.instance, b.instance)
  );
}
/** What to say of an axis on which models differ and whose labels no claim compares. */
export function uncomparedLabels(
  axis: string,
  given: readonly Label[],
  axes: Pick<AxisNames, 'sparsity' | 'seed' | 'draw' | 'arm' | 'treatment'>,
): readonly string[] {
  if ([axes.sparsity, axes.seed, axes.draw].includes(axis)) return [];
  const found = new Set(given);
  if (found.size < 2 || (axis === axes.arm && axes.treatment !== null && found.has(axes.treatment))) return [];
  const labels = [...found].sort(compareLabels).map(String);
  const differ = `Models also differ on the axis \u201c${axis}\u201d (${labels.join(', ')})`;
  const compare = `To compare its labels, give the report the option${axis === axes.arm ? '' : `s "armAxis": "${axis}" and`} "treatment": "${labels[0]}".`;
  return [`${differ}, which no claim compares. ${compare}`];
}
