import type { LeftOut, Split } from '@espalier/core';
import { ascending, group } from 'd3-array';
import { type AxisNames, uncomparedLabels, withoutAxes } from '../study/axes.ts';
import type { ModelRecord } from '../study/models.ts';
import { count, listed } from '../text/numbers.ts';

const mostGroups = 3;

/** What the labels of the models may make a reader believe: replicates that are none, and axes that nothing compares. */
export function caveatsOf(models: readonly ModelRecord[], axes: AxisNames): readonly string[] {
  const names = [...new Set(models.flatMap(({ origin }) => Object.keys(origin.labels)))].sort(ascending);
  const labelsOn = (axis: string) => models.flatMap(({ origin }) => origin.labels[axis] ?? []);
  return [
    ...names.flatMap((axis) => sameNetworks(models, axis, axes)),
    ...names.flatMap((axis) => uncomparedLabels(axis, labelsOn(axis), axes)),
  ];
}

/** Models that differ in their label on `axis` alone and are one network. Dense models of different arms are meant to be. */
function sameNetworks(models: readonly ModelRecord[], axis: string, { seed }: AxisNames): readonly string[] {
  const told = models.filter(({ origin, summary }) => {
    return origin.labels[axis] !== undefined && (axis === seed || summary.proof.claim !== undefined);
  });
  const key = ({ origin, summary }: ModelRecord) =>
    JSON.stringify([origin.node, Object.entries(withoutAxes(origin.labels, [axis])).sort(), summary.networkDigest]);
  const groups = [...group(told, key).values()].filter((group) => group.length > 1);
  if (groups.length === 0) return [];
  const texts = groups.slice(0, mostGroups).map((group) => listed(group.map(({ origin }) => origin.instance)));
  const more = groups.length > mostGroups ? `; ${groups.length - mostGroups} more such groups` : '';
  const counts = axis === seed ? ' They count once, and say nothing of how training varies.' : '';
  return [`The axis \u201c${axis}\u201d labels one network several times: ${texts.join('; ')}${more}.${counts}`];
}

const mostNamed = 10;

/** A sentence on the images that the dataset left out, since its options allow that; null where it left out none. */
export function leftOutText({ leftOut = [] }: Pick<Split, 'leftOut'>): string | null {
  if (leftOut.length === 0) return null;
  const named = leftOut.slice(0, mostNamed).map(({ id, reason }: LeftOut) => `${id} (${reason})`);
  const rest = leftOut.length > mostNamed ? `, and ${leftOut.length - mostNamed} more` : '';
  const were = leftOut.length === 1 ? 'was' : 'were';
  return `${count(leftOut.length, 'damaged image')} of the dataset ${were} left out of training and evaluation: ${named.join(', ')}${rest}.`;
}

/** Endpoints that a study names and nothing measured: they are no finding, and no part of a family. */
export function unmeasuredText(endpoints: readonly string[], measured: readonly string[]): readonly string[] {
  const known = new Set(measured);
  const missing = endpoints.filter((metric) => !known.has(metric));
  if (missing.length === 0) return [];
  const named = listed(missing.map((metric) => `\u201c${metric}\u201d`));
  return [
    `Nothing was measured of the ${missing.length === 1 ? 'endpoint' : 'endpoints'} ${named}. Measured: ${listed([...known].sort(ascending))}.`,
  ];
}
