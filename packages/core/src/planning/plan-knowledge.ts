import type { BankForm } from '../concept-extractor.ts';
import type { LayerOutline } from '../networks/layers.ts';
import type { ParameterRole } from '../networks/model.ts';
import type { ModelAbility } from '../networks/model-abilities.ts';
import type { Operation } from '../networks/relevance-rules.ts';

/** What a plan knows of the images of one part of a data set before any is opened. */
export interface ImagesOutline {
  readonly height: number;
  readonly width: number;
  readonly classes: readonly string[];
  /** Images of each class at most: some may turn out damaged. Absent where they are counted only while a study runs. */
  readonly mostPerClass?: readonly number[] | undefined;
  /** Names of the regions that images may show; none where the data know no regions. Absent where they are not known yet. */
  readonly regions?: readonly string[] | undefined;
}

/** What a plan knows of a data set before it is opened. */
export interface DatasetOutline extends Omit<ImagesOutline, 'mostPerClass'> {
  /** Images of each class of each part at most. Absent where they are counted only while a study runs. */
  readonly mostPerClass?: Readonly<Record<'train' | 'tune' | 'val', readonly number[]>> | undefined;
}

/** What a plan knows of a network before it is made, in the network's order. */
export interface ModelOutline {
  readonly layers: readonly LayerOutline[];
  /** Names of the kernels. */
  readonly kernels: readonly string[];
  /** What its logits are computed of the images with. Absent where it is not known: then rules are checked when they are asked for. */
  readonly operations?: readonly Operation[];
  /** Of each group of channels that can go (`Model.channelGroups`) the roles of the parameters that they lie in. Absent where it is not known. */
  readonly channels?: () => readonly (readonly ParameterRole[])[];
  /** What its models do of what only some do; all of it where this is absent. */
  readonly abilities?: readonly ModelAbility[];
}

/** What a plan knows of an instance beside its own options. What is not known before a run is absent, never guessed. */
export interface PlanKnowledge<Options = unknown> {
  /** The study's folder: relative paths in options start here. */
  readonly folder: string;
  /** The options that the kind of the plugin reads: of a pruner, for example, `enforceMasks`. */
  readonly kindOptions?: Readonly<Record<string, unknown>>;
  /** The instance before on a `scan`, which this one goes on from, where the same plugin makes both. */
  readonly before?: {
    readonly options: Options;
    readonly kindOptions: Readonly<Record<string, unknown>>;
  };
  /** The images on the input `images`, or on `data`; of a concept extractor those that it is given, class by class. */
  readonly images?: ImagesOutline | undefined;
  /** The images on the input `examples` of a concept extractor, whose classes are concepts. */
  readonly examples?: ImagesOutline | undefined;
  /** The images on its input `counterparts`. */
  readonly counterparts?: ImagesOutline | undefined;
  /** The network on the input `model`. */
  readonly model?: ModelOutline | undefined;
  /** The network on the input `embedder`. */
  readonly embedder?: ModelOutline | undefined;
  /** What the banks on inputs are, by the input. */
  readonly banks?: Readonly<Record<string, BankForm>>;
  /** About what the explainer on the input `explainer` asks for `images`. */
  readonly explainer?: Passes | undefined;
  /** Inputs that were computed of images which the input `images` does not have. */
  readonly apart?: readonly string[];
  /** Of a reporter: the labels that its models have on each axis of the study. */
  readonly modelAxes?: Readonly<Record<string, readonly (string | number)[]>>;
  /** Of a reporter: the labels that its scores have on each axis of the study. */
  readonly scoreAxes?: Readonly<Record<string, readonly (string | number)[]>>;
  /** Of a reporter: the image sets that its scores are of, each once. */
  readonly scoredImages?: readonly ImagesOutline[];
  /** Whether the node has a `baseline`. */
  readonly hasBaseline?: boolean;
}

/** About how many images a method sends through a network. */
export interface Passes {
  /** Predictions, or activations of a layer. */
  readonly forward?: number | undefined;
  /** Forward, and back to the image. */
  readonly gradient?: number | undefined;
}

/** Images at most; undefined where they are counted only while a study runs. */
export function imagesIn(outline: ImagesOutline | undefined): number | undefined {
  return outline?.mostPerClass?.reduce((sum, count) => sum + count, 0);
}

/** One thing that is wrong with options although each has its form. */
export interface OptionFinding {
  /** Where in the options. */
  readonly path: readonly (string | number)[];
  /** What was expected, what was found, what to do: one or more sentences. */
  readonly text: string;
}

/** `holdOut`, of which only the counts are known: images of each class that train, and that tune. */
export function heldOutCounts(
  counts: readonly number[],
  tuneFraction: number,
): { readonly train: readonly number[]; readonly tune: readonly number[] } {
  const tune = counts.map((count) => Math.round(tuneFraction * count));
  return { train: counts.map((count, label) => count - tune[label]!), tune };
}
