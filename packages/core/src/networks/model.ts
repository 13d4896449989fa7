import type { NdArray } from '../array.ts';
import type { BatchSource } from '../batches.ts';
import type { ChannelGroups } from './channel-groups.ts';
import type { RelevanceRules } from './relevance-rules.ts';
import type { TrainOptions } from './train-options.ts';

/** What a network takes: RGB images in [0, 1]. The model itself subtracts `mean` and divides by `std`. */
export interface InputSpec {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** A named activation, in the order of the forward pass, with its size for one image. */
export interface LayerInfo {
  readonly name: string;
  readonly height: number;
  readonly width: number;
  readonly features: number;
  /** Whether it is the end of a main part of the network: what methods take where no layer is named. */
  readonly isStage: boolean;
  /** Whether the rest of the network is a function of this activation alone: only then it can be classified from. */
  readonly isComplete: boolean;
  /** Whether the rest of the network, a function of this activation alone, is known to be an affine one: pooling and dense layers, say. */
  readonly hasAffineRest?: boolean;
  /** False where `height` and `width` are no places of the image: attention heads, windows, a single place. Absent where they are. */
  readonly isMap?: boolean;
  /** Whether no value is ever negative, as after a ReLU. Absent where nobody knows. */
  readonly isNonNegative?: boolean;
  /**
   * For tokens of a transformer, which are the places of one row: how they lie on the image. The first `leading` ones (class tokens) have no
   * place, the others are the places of a grid, row by row. `isRead`: the rest of the network reads the grid, and not the leading ones alone.
   */
  readonly grid?: {
    readonly height: number;
    readonly width: number;
    readonly leading: number;
    readonly isRead: boolean;
  };
}

/**
 * `scale` and `shift` belong to normalisation; `statistic` is a running mean, variance or count; `embedding` is learned and the same for every
 * image, such as a class token or the embeddings of positions.
 */
export type ParameterRole = 'kernel' | 'bias' | 'scale' | 'shift' | 'statistic' | 'embedding';

/** A parameter of a network: what it is called, how large it is, what it is for. */
export interface ParameterInfo {
  /** torchvision's name, for example `layer1.0.conv1.weight`. */
  readonly name: string;
  /** torchvision's shape: `[o, i, h, w]` for a convolution, `[o, i]` for a dense kernel; a file may have axes of its own. */
  readonly shape: readonly number[];
  readonly role: ParameterRole;
  /** Of a kernel: the axis of its outputs, 0 if absent; the other one of the first two is that of its inputs. */
  readonly outputAxis?: 0 | 1;
  /** What its values are drawn from before training, by the rule of its architecture; absent where no rule is known. */
  readonly initial?: InitialDistribution;
}

/** What the values of a parameter are drawn from before training. */
export type InitialDistribution =
  | { readonly kind: 'constant'; readonly value: number }
  /** Around 0. */
  | { readonly kind: 'normal'; readonly deviation: number }
  /** From -bound to bound. */
  | { readonly kind: 'uniform'; readonly bound: number };

/** Parameter arrays by name, in PyTorch's layout. */
export type Weights = ReadonlyMap<string, NdArray>;

/** For each masked parameter, one byte per weight in PyTorch's row-major order: 1 keeps it, 0 removes it. */
export type Masks = ReadonlyMap<string, Uint8Array>;

/** Which class of each image is meant: one index per image. */
export type ClassIndices = readonly number[];

/** The engine and arithmetic that computed something; part of every cache key and every result. */
export interface Numerics {
  /** `tensorflow` or `wasm`. */
  readonly engine: string;
  /** Library version behind the engine, for example `2.21.0`. */
  readonly version: string;
  /** `exact` is float32; `fast` computes in bfloat16 and keeps weights and sums in float32. */
  readonly inference: 'exact' | 'fast';
  readonly training: 'exact' | 'fast';
}

/** Everything needed to continue training after an epoch. Arrays are float32, in PyTorch's layout. */
export interface Checkpoint {
  /** Epochs done. */
  readonly epoch: number;
  readonly weights: Weights;
  /** Optimizer state by `<parameter>:<slot>`. */
  readonly optimizer: Weights;
  /** Optimizer steps done. */
  readonly step: number;
  readonly history: readonly EpochRecord[];
}

/**
 * What `predict` multiplies and adds for one image: the products within the sums of convolutions, dense layers and products of matrices. Places
 * of a kernel over the border of a map count, too; biases, normalisation, activations, pooling and sums of maps do not.
 */
export interface MultiplyAccumulates {
  /** How many values each weight of a parameter is multiplied with, by the parameter's name; of those that multiply any. */
  readonly perWeight: ReadonlyMap<string, number>;
  /** Products of two values of the network, such as those of queries with keys. */
  readonly ofValues: number;
}

/** What one epoch of training came to. */
export interface EpochRecord {
  readonly epoch: number;
  /** Mean training loss over the epoch's images. */
  readonly loss: number;
  /** Training accuracy over the epoch's (augmented) images. */
  readonly accuracy: number;
  /** Learning rate of the epoch's last step. */
  readonly learningRate: number;
}

/** Which epoch's weights a training kept, by the accuracy on images that it did not train on. */
export interface EpochSelection {
  /** Name of the split whose images decided, for example `tune`; `val` where evaluation sees them again. */
  readonly split: string;
  /** Weights after this many epochs of the training were kept. */
  readonly epoch: number;
  /** Epochs that were trained. */
  readonly epochs: number;
  /** Accuracy of the kept weights on the split, in [0, 1]: the best one, so an optimistic figure. */
  readonly accuracy: number;
  /** Which weights were compared: those after each epoch, or those before each epoch, never the last ones. */
  readonly compared: 'after-epoch' | 'before-epoch';
}

/** What a caller of `train` hears of it, and how it resumes or stops it. */
export interface TrainHooks {
  /** Called after each step. `total` and `done` count images over all epochs. */
  readonly onStep?: (state: { epoch: number; step: number; done: number; total: number; loss: number }) => void;
  /** Called after each epoch with all that is needed to resume; awaited. */
  readonly onEpoch?: (checkpoint: Checkpoint) => Promise<void> | void;
  /** Continue after this checkpoint instead of starting from the model's weights. */
  readonly resume?: Checkpoint;
  readonly signal?: AbortSignal;
}

/** What was handed back from logits to images, and where the rest is: start = sum of values + absorbed + withheld, up to rounding. */
export interface Relevance {
  readonly values: NdArray<'n h w c'>;
  /** For each image: what set out at the logit. */
  readonly start: readonly number[];
  /** For each image: what went to biases and to all else that is the same for every image, such as embeddings of positions. */
  readonly absorbed: readonly number[];
  /** For each image: what the epsilons of quotients, and divisors of 0, kept back. */
  readonly withheld: readonly number[];
}

/**
 * A classifier, seen through the arrays that go in and come out.
 *
 * Every method accepts any number of images and bounds its own memory. A model never changes: `masked`,
 * `withWeights` and `train` return a new one. Dispose of a model when done; using it afterwards is an error.
 * @example
 * using model = await factory.create({ input, classes: ['cat', 'dog'] }, 1);
 * const logits = await model.predict(images); // `n k`
 * const slopes = await model.inputGradient(images, labels); // `n h w c`
 * using pruned = await model.masked(new Map([['conv1.weight', mask]]));
 */
export interface Model extends Disposable {
  readonly input: InputSpec;
  readonly classes: readonly string[];
  /** Named activations in order: every value that the network computes of the images, the logits apart. */
  readonly layers: readonly LayerInfo[];
  readonly parameters: readonly ParameterInfo[];
  /** The masks held by this model; empty for a dense one. */
  readonly masks: Masks;
  readonly numerics: Numerics;
  /** A copy of all parameters, masks applied: the weights as evaluated. */
  weights(): Promise<Weights>;
  /** Logits. */
  predict(images: NdArray<'n h w c'>): Promise<NdArray<'n k'>>;
  /** d logit[classIndex] / d image, signed, per pixel value in [0, 1] (before normalisation). */
  inputGradient(images: NdArray<'n h w c'>, classIndex: ClassIndices): Promise<NdArray<'n h w c'>>;
  /** @throws StudyError `core/layer-unknown` */
  activations(images: NdArray<'n h w c'>, layer: string): Promise<NdArray<'n h w d'>>;
  /**
   * The rest of the network: activations of `layer` to logits.
   *
   * @throws StudyError `core/layer-incomplete` where the rest reads other activations, too
   */
  classify(activations: NdArray<'n h w d'>, layer: string): Promise<NdArray<'n k'>>;
  /** d logit[classIndex] / d activation of `layer`, signed. */
  activationGradient(images: NdArray<'n h w c'>, layer: string, classIndex: ClassIndices): Promise<NdArray<'n h w d'>>;
  /**
   * Gradients of every parameter but statistics, in the parameters' own layout. The network is evaluated as it is in `predict`: normalisation
   * by its running statistics. Removed weights have gradients, too.
   *
   * @param of labels: of the mean cross-entropy over the images; slopes at the logits: of the sum of slope x logit over images and classes
   */
  parameterGradient(images: NdArray<'n h w c'>, of: ClassIndices | NdArray<'n k'>): Promise<Weights>;
  /**
   * For each weight of the kernels, in their own layout: the mean square of the values that it is multiplied with, over images and over the
   * places that the kernel is put to. Places over the border of a map count as zeros, as in `multiplyAccumulates`.
   */
  inputSquares(images: NdArray<'n h w c'>): Promise<Weights>;
  /**
   * What rules hand back from each image's logit to the normalised image, (image - mean) / std: relevance, or a modified gradient. Computed in
   * float32 whatever `numerics` says.
   *
   * @throws StudyError `core/rule-missing`, naming layers that no rule is given for or fits
   */
  inputRelevance(images: NdArray<'n h w c'>, classIndex: ClassIndices, rules: RelevanceRules): Promise<Relevance>;
  /** What they hand back to the layer `layer`. */
  activationRelevance(
    images: NdArray<'n h w c'>,
    layer: string,
    classIndex: ClassIndices,
    rules: RelevanceRules,
  ): Promise<NdArray<'n h w d'>>;
  /**
   * What each weight of each kernel has a share in on the way to the images, the mean over them, in the parameters' own layout; zeros where the
   * rule is none of shares in what is computed with weights.
   */
  kernelRelevance(images: NdArray<'n h w c'>, classIndex: ClassIndices, rules: RelevanceRules): Promise<Weights>;
  /**
   * The channels that can go so that the network only becomes smaller: masked in every kernel that gives or reads them (see `masksWithout`), each
   * is gone from `compacted`. Never those of the images, nor the classes.
   */
  channelGroups(): ChannelGroups;
  /**
   * The same network without the channels that the masks remove whole, from the kernels that give them or from all that read them: smaller and
   * faster, with the same logits up to rounding. Where removed channels still give a constant, it is put into what follows.
   */
  compacted(): Promise<Model>;
  /** What one image costs: of the network as it is, removed weights included. */
  multiplyAccumulates(): MultiplyAccumulates;
  /**
   * The same model with `masks` enforced from then on: in predict, in train (every step, optimizer state
   * included) and in `weights`. Masks already held stay: a removed weight never comes back.
   *
   * @throws StudyError `core/masks-mismatch`
   */
  masked(masks: Masks): Promise<Model>;
  /**
   * The same network with other weights: every parameter by name, in PyTorch's layout. The masks of this model
   * stay enforced on them, and its history stays as it is.
   *
   * @param masks enforced instead of this model's: a network of other weights need not be sparse in the same places
   * @throws StudyError `core/weights-mismatch`, listing missing, unknown and misshapen parameters; `core/values-not-finite`;
   * `core/masks-mismatch`
   */
  withWeights(weights: Weights, masks?: Masks): Promise<Model>;
  /**
   * The same network for images that are normalised otherwise: it subtracts `mean` and divides by `std`, a number for each channel. Weights, masks
   * and history stay as they are.
   */
  withNormalisation(normalisation: Pick<InputSpec, 'mean' | 'std'>): Promise<Model>;
  /** @throws StudyError `core/training-diverged` when the loss is not finite. */
  train(source: BatchSource, options: TrainOptions, hooks?: TrainHooks): Promise<Model>;
  /** What happened in each epoch that led here; empty before training. */
  readonly history: readonly EpochRecord[];
}
