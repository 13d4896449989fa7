import type { NdArray } from './array.ts';
import { type Label, type Labelled, labelled, type Settings } from './label.ts';
import type { MetricInputs } from './metric-inputs.ts';

/**
 * `primary` answers the question that the metric asks of models; `sanity-check` asks whether an explainer can be believed, which is
 * no question about models; `companion` is read beside either: a null, a diagnostic, the same in another measure. Reports correct
 * for each role's claims apart.
 */
export type ScoreRole = 'primary' | 'sanity-check' | 'companion';

/** How people call and write a number. Reports know no score but by its words. */
export interface ScoreWords {
  /** A few words, without explainer and preset: `Gini index`. */
  readonly name: string;
  /** What the number is, in one sentence; `direction` says which way is better. */
  readonly meaning: string;
  /**
   * Stands behind the number, for example `nats`. `%`: the value is a fraction, which people read as a percentage and
   * its differences as percentage points. Absent: the number stands alone.
   */
  readonly unit?: string;
}

/** What a metric returns: one value per sample, kept apart so that models can be compared on the same samples. */
export interface Measurement {
  /** Name of the score for programs, kebab-case, for example `road-aopc`. */
  readonly metric: string;
  readonly words: ScoreWords;
  /** What the score is about, in a word or two for people, for example `faithfulness`: reports group by it and put it into headings. */
  readonly aspect: string;
  readonly role: ScoreRole;
  /** Choices that are not options but follow from the inputs, such as the maps' own reduction; who asks adds the options in force. */
  readonly settings?: Settings;
  readonly direction: 'higher-is-better' | 'lower-is-better' | 'neither';
  /** Smallest and largest possible value; null where unbounded. */
  readonly range: readonly [number | null, number | null];
  /**
   * The largest difference of two models' means that does not matter, above 0: within it they count as equivalent. A study may name
   * its own. Absent: nothing counts as equivalent until a study names it.
   */
  readonly margin?: number;
  /**
   * Of a sanity check, on the scale of its values: the mean that an explainer has to be better than, by `direction`, to pass. A study may
   * name its own. Absent: nobody passes or fails until a study names it.
   */
  readonly bar?: number;
  /**
   * What a sample is: an image, a parameter of the model, the whole network, a class, or a concept that the data names (`<class>:
   * <concept>`). Ids of a kind mean the same in every model, so that models pair; numbers of found concepts do not.
   */
  readonly sample: 'image' | 'parameter' | 'network' | 'class' | 'concept';
  readonly ids: readonly string[];
  readonly values: readonly number[];
  /**
   * The values by draw, where a value is the mean over draws of something random: a row for each draw, in the order of `ids`. What is drawn
   * depends on the number of the draw alone, so that row d of every model is about the same draw, and models pair row by row.
   */
  readonly draws?: {
    /** What is drawn, for people, in the plural: `random networks`. */
    readonly of: string;
    readonly values: readonly (readonly number[])[];
  };
  /**
   * For each sample the name of what was fitted that it shares with others, such as the dictionary of its class: samples of one name are no
   * independent witnesses, so conclusions take names for samples, however few there are. Absent where samples share nothing.
   */
  readonly sharedFits?: readonly string[];
  /** True where 1 says that the model answers an image correctly and 0 that it does not: reports mark images by it. */
  readonly isCorrectness?: true;
  /** Of correctness, where it is known: which class the model answers each sample with, and how probable that is to it, in [0, 1]. */
  readonly answers?: { readonly classes: readonly number[]; readonly probabilities: readonly number[] };
  /**
   * True where the values come from a clock: another run gives others, on another machine quite others. Nothing is concluded from them, and
   * runs are not held against each other by them.
   */
  readonly isTiming?: true;
  /**
   * Present where values of models may be held against each other on some images alone. `correct-by-all`: those that all models of a
   * comparison classify correctly, since a value depends on that: an image that its model gets wrong has none, and stands in `omitted`.
   * Absent: on the images that the study chooses.
   */
  readonly comparedOn?: 'correct-by-all';
  /**
   * True where a model that is its own baseline has a value as any other has, since nothing is compared with itself: what is measured there
   * is a reference for the others. Absent: such a value may be so by construction, and nothing is held against it.
   */
  readonly isFairAtBaseline?: true;
  /**
   * Present where each value is one of the score `of` minus the same of a reference, such as concepts that nothing was learned for:
   * the reference's own value is their difference.
   */
  readonly difference?: {
    /** The `metric` of another score of the same list. */
    readonly of: string;
    /** The reference, after `minus`: `that of random directions`. */
    readonly from: string;
  };
  /**
   * The same samples under other definitions that cost nothing more once these are known, so that a reader sees which
   * conclusions hang on a definition. `settings` are those that differ; `name` says them in a few words.
   */
  readonly definitions?: readonly {
    readonly name: string;
    readonly settings: Settings;
    readonly values: readonly number[];
  }[];
  /**
   * Samples that have no value, and why; absent where all have one. Where no sample has a value, `ids` and `values` are empty
   * and this says why: a network that is dead, or images without a region, have a result, too.
   */
  readonly omitted?: readonly { readonly reason: string; readonly ids: readonly string[] }[];
  /** How the samples combine into one number, for example a weighted total. */
  readonly summary: 'mean' | 'last';
  /** Per-sample curve behind each value, where there is one. `at` are the positions of axis `s`. */
  readonly curve?: {
    /** What the positions are, with their unit, as the title of an axis: `% of pixels removed`. */
    readonly x: string;
    /** What the mean of the values at a position is, as the title of an axis: `accuracy`. */
    readonly y: string;
    readonly at: readonly number[];
    /** What each position is called, where a number does not say it: the layers of a network, for example. */
    readonly names?: readonly string[];
    readonly values: NdArray<'n s'>;
  };
}

/** The field `omitted` of scores, without groups that are empty. */
export function omitted(groups: NonNullable<Measurement['omitted']>): Pick<Measurement, 'omitted'> {
  const some = groups.filter(({ ids }) => ids.length > 0);
  return some.length > 0 ? { omitted: some } : {};
}

/** Scores as they are handed on: how they were computed and from what stands beside them. */
export type Scores = Labelled<Measurement>;

/**
 * Measures something about a model, its explanations or its concepts: `Inputs` are those that its plugin declares.
 * @example
 * const metric = await createFrom(sparseness, {}, plainServices());
 * const [gini] = await metric.measure({ attributions });
 * console.log(gini.ids[0], gini.values[0]);
 */
export interface Metric<Inputs = Partial<MetricInputs>> {
  /** `baseline` holds the same inputs at the label that the study's node names as its baseline, where it names one. */
  measure(inputs: Inputs, baseline?: Inputs): Promise<readonly Measurement[]>;
}

/** What a metric returned, as it is handed on: with its label, and with all choices in force, those of explainers among them. */
export function scoresOf(measured: Measurement, label: Label): Scores {
  const ofInputs = Object.values(label.of).map(({ settings }) => settings);
  return labelled({ ...measured, settings: Object.assign({}, ...ofInputs, label.settings, measured.settings) }, label);
}
