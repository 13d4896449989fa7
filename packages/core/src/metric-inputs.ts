import type { ConceptBank } from './concept-extractor.ts';
import type { Split } from './dataset.ts';
import { StudyError } from './errors.ts';
import type { Attributions, Explainer } from './explaining/explainer.ts';
import type { Model } from './networks/model.ts';

/** What nodes of a study hand over and metrics can measure. */
interface Artifacts {
  readonly model: Model;
  readonly split: Split;
  readonly attributions: Attributions;
  readonly explainer: Explainer;
  readonly concepts: readonly ConceptBank[];
}

/** What stands behind the name of an input. */
export interface MetricInput {
  readonly artifact: keyof Artifacts;
  /** Whether several may be connected, for example several draws of a null; the metric gets them in one list. */
  readonly many?: boolean;
}

/**
 * All that a metric may ask for, by the name of the input. A new input is one entry here: its type, its port in a study and its
 * check follow.
 */
export const metricInputs = {
  model: { artifact: 'model' },
  /** Images and labels; the same split that the attributions or concepts were computed on. */
  images: { artifact: 'split' },
  attributions: { artifact: 'attributions' },
  /**
   * The explainer that made the attributions, to be asked about other models, images or classes: with the sample ids, by which
   * it draws noise where it draws any.
   */
  explainer: { artifact: 'explainer' },
  concepts: { artifact: 'concepts' },
  /** A model by whose activations images are compared: none of those that are measured, whose own space would flatter some of them. */
  embedder: { artifact: 'model' },
  /** Concepts of the same images and model that nothing was learned for, such as random directions: one bank or more of each class. */
  nullConcepts: { artifact: 'concepts', many: true },
  /** Concepts of the same images and model, found once more: with another seed, or learned from other images. */
  otherConcepts: { artifact: 'concepts' },
} as const satisfies Readonly<Record<string, MetricInput>>;

type Handed<Input extends MetricInput> = Input extends { readonly many: true }
  ? Several<Artifacts[Input['artifact']]>
  : Artifacts[Input['artifact']];

type Several<Artifact> = Artifact extends readonly unknown[] ? Artifact : readonly Artifact[];

/** What a metric gets for each input. */
export type MetricInputs = { readonly [Name in MetricNeed]: Handed<(typeof metricInputs)[Name]> };

/** What a metric can ask for: the name of an input. */
export type MetricNeed = keyof typeof metricInputs;

/**
 * The inputs of a metric that needs `Needs`, and takes `Optional` where they are there.
 *
 * @example
 * measureRoad({ model, images, attributions }: Given<'model' | 'images' | 'attributions'>)
 */
export type Given<Needs extends MetricNeed, Optional extends MetricNeed = never> = Pick<MetricInputs, Needs> & {
  readonly [Name in Optional]?: MetricInputs[Name] | undefined;
};

const makers = { explainer: 'were explained', extractor: 'the concepts were found in' } as const;

/**
 * Where each of `ids` is in `images`.
 *
 * @param metric that asks, for the error
 * @param by whom the images of these ids were seen
 * @throws StudyError `core/inputs-mismatch` when one is not there
 */
export function placesOf(
  ids: readonly string[],
  images: Split,
  metric: string,
  by: keyof typeof makers = 'explainer',
): readonly number[] {
  const places = new Map(images.ids.map((id, index) => [id, index]));
  return ids.map((id) => {
    const place = places.get(id);
    if (place !== undefined) return place;
    throw new StudyError(
      'core/inputs-mismatch',
      `The metric "${metric}" needs the images that ${makers[by]}; the split "${images.name}" has no "${id}". ` +
        `Connect the same split to the ${by} and to the metric.`,
    );
  });
}
