import type { Analysis, ModelRecord, SampleLookup, ScoreSeries } from '@espalier/analysis';
import type { Provenance, Split } from '@espalier/core';
import { group } from 'd3-array';
import type { AttributionBrowser } from '../browser/browse-attributions.ts';
import type { ConceptPanel } from '../gallery/concept-gallery.ts';
import type { PublishedValues } from '../published/published-values.ts';

/** All that the page shows, in memory: what was found, and rendered pictures, no arrays. */
export interface PageData extends Omit<Analysis, 'concepts'> {
  readonly provenance: Provenance;
  readonly images: Split;
  /** How many of the images have attributions; all, where nothing was explained. */
  readonly explained: number;
  readonly lookup: SampleLookup;
  readonly browser: AttributionBrowser;
  /** Attributions were connected, whether or not any are shown. */
  readonly hasMaps: boolean;
  readonly concepts: readonly ConceptPanel[];
  /** Least correlation at which two concepts count as one. */
  readonly lineageThreshold: number;
  readonly published: readonly PublishedValues[];
  /** Label of the arm that the page shows first; null where the study has none. */
  readonly treatment: string | null;
}

/** The class's name, or its number where the split does not know it. */
export function className(data: Pick<PageData, 'images'>, index: number): string {
  return data.images.classes[index] ?? `class ${index}`;
}

/** What sets a model apart from others of its level: the arm or node, where the page shows several. */
export function severalVariants(shown: readonly { readonly model: ModelRecord | null }[]): boolean {
  return new Set(shown.map(({ model }) => model?.variant)).size > 1;
}

/** Series of what the study asks about, and by variant those of its controls, which pages fold away. */
export function controlsApart<Series extends ScoreSeries>(
  { treatment }: Pick<PageData, 'treatment'>,
  series: readonly Series[],
): { readonly own: readonly Series[]; readonly controls: ReadonlyMap<string, readonly Series[]> } {
  const isControl = ({ levels }: Series) =>
    treatment !== null && levels[0]!.arm !== null && String(levels[0]!.arm) !== treatment;
  return {
    own: series.filter((one) => !isControl(one)),
    controls: group(series.filter(isControl), ({ levels }) => levels[0]!.variant),
  };
}
