import type {
  Answer,
  AxisNames,
  Claims,
  Gap,
  LevelResult,
  LineageResult,
  ModelRecord,
  SampleLookup,
} from '@espalier/analysis';
import type { Provenance, Split } from '@espalier/core';
import type { ConceptPanel } from '../gallery/concept-gallery.ts';
import type { SaliencyGallery } from '../gallery/saliency-gallery.ts';
import type { PublishedValues } from '../published/published-values.ts';

/** All that the page shows, in memory: summaries and rendered pictures, no arrays. */
export interface ReportData {
  readonly provenance: Provenance;
  readonly axes: AxisNames;
  readonly images: Split;
  /** How many of the images have attributions; all, where nothing was explained. */
  readonly explained: number;
  readonly models: readonly ModelRecord[];
  readonly levels: readonly LevelResult[];
  readonly claims: Claims;
  /** What failed or has no value: said before the answer. */
  readonly gaps: readonly Gap[];
  /** What the labels of the models may make a reader believe. */
  readonly caveats: readonly string[];
  /** The claims in words; null where nothing could be compared. */
  readonly answer: Answer | null;
  readonly lookup: SampleLookup;
  readonly gallery: SaliencyGallery;
  readonly concepts: readonly ConceptPanel[];
  readonly lineages: readonly LineageResult[];
  /** Least correlation at which two concepts count as one. */
  readonly lineageThreshold: number;
  /** Display names by explainer label. */
  readonly explainers: ReadonlyMap<string, string>;
  /** Numbers that others published, which figures show beside this study's. */
  readonly published: readonly PublishedValues[];
  /** Label of the arm that the page shows first; null where the study has none. */
  readonly treatment: string | null;
}

/** The class's name, or its number where the split does not know it. */
export function className(data: Pick<ReportData, 'images'>, index: number): string {
  return data.images.classes[index] ?? `class ${index}`;
}
