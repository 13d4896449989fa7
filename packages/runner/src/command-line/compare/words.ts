import {
  count,
  differenceText,
  findingOf,
  intervalText,
  type Pairing,
  percent,
  type RecordedClaim,
  sizeEitherWay,
  type Worded,
} from '@espalier/analysis';
import type { Area } from '../../runs/settings.ts';
import { counted } from '../../text/format.ts';
import type { Comparison } from './comparison.ts';

/** What two verdicts cannot say; stands beside every list of them. */
export const caution =
  'A difference between two verdicts is not itself a tested difference: one estimate may be just significant and a nearly equal one just not (Gelman and Stern 2006). Hold the estimates with their intervals beside each other. No interval of the difference between the runs is given: runs may share images, seeds and networks, and are then not independent.';

/** `The same results to the byte.`, or how many settings and verdicts differ. */
export function outcomeText({ isSame, settings, differing, agreeing, single }: Comparison): string {
  if (isSame) return 'Both have the same results, to the byte.';
  const both = differing.length + agreeing.length;
  const verdicts =
    both === 0
      ? 'the runs have no claim in common'
      : `${differing.length} of ${count(both, 'claim')} that both have ${differing.length === 1 ? 'comes' : 'come'} to another verdict`;
  const alone = single.length === 0 ? '' : `; ${count(single.length, 'claim')} only one of them has`;
  const differ =
    settings.length === 0
      ? 'No setting differs'
      : `${counted(settings.length, 'setting')} ${settings.length === 1 ? 'differs' : 'differ'}`;
  return `${differ}; ${verdicts}${alone}.`;
}

export const areaNames: Readonly<Record<Area, string>> = {
  study: 'Study',
  parameter: 'Parameter',
  node: 'Node',
  recipe: 'Recipe',
  plugin: 'Plugin',
  data: 'Data',
  machine: 'Engine and machine',
};

const longest = 90;
const context = 20;

/** Two values as short JSON, cut so that what differs is seen. */
export function valueTexts(a: unknown, b: unknown, most = longest): readonly [string, string] {
  const texts = [a, b].map((value) => (value === undefined ? 'not set' : JSON.stringify(value)));
  const [first, second] = texts as [string, string];
  if (first.length <= most && second.length <= most) return [first, second];
  let same = 0;
  while (same < first.length && first[same] === second[same]) same++;
  const start = Math.max(0, same - context);
  return [first, second].map((text) => {
    const rest = text.slice(start);
    return `${start > 0 ? '\u2026' : ''}${rest.length > most ? `${rest.slice(0, most - 1)}\u2026` : rest}`;
  }) as [string, string]; // as many as there were
}

/** Whatever a claim or measure of results says of its score's words. */
export function worded({ name, unit }: { readonly name: string; readonly unit: string | null }): Worded {
  return { words: { name, meaning: '', ...(unit !== null && { unit }) } };
}

/** How explainers are called in one of the runs. */
export function explainerIn({ a, b }: Comparison, label: string | null): string | null {
  if (label === null) return null;
  const names = [a, b].map(({ results: { explainers } }) =>
    Object.hasOwn(explainers, label) ? explainers[label] : undefined,
  );
  return names[0] ?? names[1] ?? label;
}

/** `Steadiness, Some Explainer, pruner=magnitude` */
export function measureText(comparison: Comparison, pair: Pairing<RecordedClaim>): string {
  const { name, explainer, labels } = eitherOf(pair);
  return [name, explainerIn(comparison, explainer), labels].filter(Boolean).join(', ');
}

/** What either run has; a pairing has one at least. */
export function eitherOf<Item>({ a, b }: Pairing<Item>): Item {
  return (a ?? b)!;
}

/** `70 %`, `trend to 70 %`; of trends to other levels both: `trend to 70 % / 80 %`. */
export function placeWords({ a, b }: Pairing<RecordedClaim>): string {
  const levels = [a, b].flatMap((claim) => {
    if (!claim) return [];
    return [percent(claim.place.kind === 'trend' ? claim.place.to : claim.place.level)];
  });
  const text = [...new Set(levels)].join(' / ');
  return eitherOf({ a, b }).place.kind === 'trend' ? `trend to ${text}` : text;
}

/** `dense`, or the arm that it is held against in quotes. */
export function againstWords({ against }: RecordedClaim): string {
  return against.kind === 'dense' ? 'dense' : `\u201c${against.arm}\u201d`;
}

/** `different, lower`, `equivalent`, `inconclusive` */
export function findingWords(claim: RecordedClaim): string {
  return claim.verdict === 'different' ? `different, ${findingOf(claim)}` : claim.verdict;
}

/** `−0.021 (−0.030 to −0.012)`; `–` where there is none. */
export function estimateText(claim: RecordedClaim): string {
  const { difference, interval } = claim;
  const score = worded(claim);
  const range = interval ? ` (${intervalText(score, interval)})` : '';
  return `${differenceText(score, difference ?? Number.NaN, interval)}${range}`;
}

/** How two claims about the same were not made alike, a phrase each. */
export function otherwise({ a, b }: Pairing<RecordedClaim>): readonly string[] {
  if (!a || !b) return [];
  const margin = (claim: RecordedClaim) =>
    claim.margin === null ? 'none' : sizeEitherWay(worded(claim), claim.margin);
  const told = (name: string, own: string, other: string) => (own === other ? [] : [`${name}: A ${own}, B ${other}`]);
  return [
    ...told('preset', a.preset, b.preset),
    ...told('margin', margin(a), margin(b)),
    ...told('family', a.family, b.family),
    ...told('images', a.imageSet, b.imageSet),
    ...told('settings', JSON.stringify(a.settings), JSON.stringify(b.settings)),
  ];
}
