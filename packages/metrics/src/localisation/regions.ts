import {
  evidenceIn,
  type OptionFinding,
  type PlanKnowledge,
  type Split,
  StudyError,
  type TruthRegion,
} from '@espalier/core';

/** The region of each image, where there is one. */
export interface FoundRegions {
  /** One byte per pixel, 1 inside; undefined where the image has no region with a pixel in it. */
  readonly masks: readonly (Uint8Array | undefined)[];
  /** Images without a region. */
  readonly missing: readonly string[];
  readonly reason: string;
}

/**
 * What the images at `places` are known to show: all their evidence together, or the regions called one of `names`.
 *
 * @throws StudyError `core/data-missing` when the split knows no regions at all, `core/options-invalid` when its regions have other names.
 */
export async function readRegions(
  images: Split,
  places: readonly number[],
  names: readonly string[] | null,
): Promise<FoundRegions> {
  if (!images.truth) throw new StudyError('core/data-missing', noRegions(`the split "${images.name}"`));
  const known = new Set<string>();
  const masks: (Uint8Array | undefined)[] = [];
  for (const place of places) {
    const all = await images.truth(place);
    for (const { name } of all) known.add(name);
    masks.push(union(names === null ? evidenceIn(all) : all.filter(({ name }) => names.includes(name))));
  }
  const unknown = names?.find((name) => !known.has(name));
  if (known.size > 0 && unknown !== undefined)
    throw new StudyError('core/options-invalid', unknownName(unknown, known, `the split "${images.name}"`));
  const missing = places.filter((_, i) => !masks[i]).map((place) => images.ids[place]!);
  return { masks, missing, reason: names ? `no region called ${names.join(' or ')}` : 'no region' };
}

/** What only looks like evidence in the images at `places`, all of an image together; null where no image has any. */
export async function readDistractors(images: Split, places: readonly number[]): Promise<FoundRegions | null> {
  const masks: (Uint8Array | undefined)[] = [];
  for (const place of places) {
    masks.push(union(((await images.truth?.(place)) ?? []).filter(({ role }) => role === 'distractor')));
  }
  if (masks.every((mask) => mask === undefined)) return null;
  const missing = places.filter((_, i) => !masks[i]).map((place) => images.ids[place]!);
  return { masks, missing, reason: 'no distractor' };
}

function union(regions: readonly TruthRegion[]): Uint8Array | undefined {
  const first = regions[0];
  if (!first) return undefined;
  const mask = first.mask.map((_, i) => Number(regions.some((region) => region.mask[i] === 1)));
  return mask.includes(1) ? mask : undefined;
}

/** What is wrong with the regions that count, given those that the images may show. */
export function regionFindings(
  names: readonly string[] | null,
  { images }: Pick<PlanKnowledge, 'images'>,
): readonly OptionFinding[] {
  const known = images?.regions;
  if (!known) return [];
  const split = 'what is on the input "images"';
  if (known.length === 0) return [{ path: [], text: noRegions(split) }];
  return [...(names ?? []).entries()]
    .filter(([, name]) => !known.includes(name))
    .map(([index, name]) => ({ path: ['regions', index], text: unknownName(name, new Set(known), split) }));
}

function noRegions(split: string): string {
  return (
    `The metric "localisation" needs images with regions; ${split} has none. Take a dataset that knows where ` +
    'things are (data-planted does), or give it boxes or masks (data-folder: the options "boxes" and "masks").'
  );
}

function unknownName(unknown: string, known: ReadonlySet<string>, split: string): string {
  const names = [...known].map((one) => `"${one}"`).join(', ');
  return `The metric "localisation" is to count the region "${unknown}"; the regions of ${split} are called ${names}.`;
}
