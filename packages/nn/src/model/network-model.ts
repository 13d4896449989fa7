import {
  type BatchSource,
  type ChannelGroups,
  type ClassIndices,
  type ComputeOptions,
  completeLayerNamed,
  type EpochRecord,
  expectFinite,
  expectShape,
  type InputSpec,
  type LayerInfo,
  layerNamed,
  type Masks,
  type Model,
  type ModelSpec,
  type MultiplyAccumulates,
  type NdArray,
  type Numerics,
  ndArray,
  type ParameterInfo,
  rowSize,
  rows,
  StudyError,
  type TrainHooks,
  type TrainOptions,
  type Weights,
} from '@espalier/core';
import type { Ops, Tensor } from '@espalier/engine';
import { channelGroupsOf } from '../channels/channel-groups.ts';
import { compactedNetwork } from '../compaction/compacted-network.ts';
import { EvaluationNetwork } from '../evaluation/evaluation-network.ts';
import { type InitialRule, parametersBy } from '../graph/initial-rule.ts';
import { layerInfosOf } from '../graph/layer-infos.ts';
import { multiplyAccumulatesOf } from '../graph/multiply-accumulates.ts';
import type { Network, Shape } from '../graph/network.ts';
import { parametersOf } from '../graph/parameters.ts';
import { shapesOf } from '../graph/shapes-of.ts';
import {
  checkClassIndices,
  checkDifferentiated,
  checkImages,
  checkLogits,
  checkMasks,
  checkWeights,
} from '../inputs/checks.ts';
import { applyMasks, joinMasks } from '../inputs/masks.ts';
import { normalised, toPixelGradient } from '../inputs/normalise.ts';
import { train } from '../training/train.ts';
import { eachChunk, inChunks } from './in-chunks.ts';
import { InputSquares } from './input-squares.ts';
import { dtypeOf, numericsWith } from './numerics-with.ts';
import { ParameterGradients } from './parameter-gradients.ts';

/** Everything a model is made of. */
export interface ModelParts {
  readonly ops: Ops;
  readonly compute: Pick<ComputeOptions, 'inference' | 'training'>;
  readonly network: Network;
  readonly spec: ModelSpec;
  readonly weights: Weights;
  readonly masks: Masks;
  readonly history: readonly EpochRecord[];
  /** What its parameters are drawn from before training; absent where no rule is known. */
  readonly initial?: InitialRule;
}

/** Image pixels computed at once: 16 images of 224 x 224. More gains nothing and holds memory. */
const pixelsAtOnce = 16 * 224 * 224;

/**
 * A `Model` for any network, on any engine.
 *
 * @throws StudyError `core/weights-mismatch` or `core/masks-mismatch`
 */
export function networkModel(parts: ModelParts): Model {
  const { network, initial } = parts;
  const parameters = initial ? parametersBy(network, initial) : parametersOf(network);
  checkWeights(parameters, parts.weights, network.architecture);
  checkMasks(parameters, parts.masks);
  return new NetworkModel({ ...parts, weights: applyMasks(parts.weights, parts.masks) }, parameters);
}

class NetworkModel implements Model {
  readonly input: InputSpec;
  readonly classes: readonly string[];
  readonly layers: readonly LayerInfo[];
  readonly parameters: readonly ParameterInfo[];
  readonly masks: Masks;
  readonly numerics: Numerics;
  readonly history: readonly EpochRecord[];
  readonly #parts: ModelParts;
  readonly #shapes: ReadonlyMap<string, Shape>;
  #evaluation: EvaluationNetwork | undefined;
  #disposed = false;

  constructor(parts: ModelParts, parameters: readonly ParameterInfo[]) {
    const { ops, compute, network, spec } = parts;
    this.#parts = parts;
    this.input = spec.input;
    this.classes = spec.classes;
    this.#shapes = shapesOf(network, spec.input);
    checkLogits(network, this.#shapes, spec.classes);
    this.layers = layerInfosOf(network, this.#shapes);
    this.parameters = parameters;
    this.masks = parts.masks;
    this.history = parts.history;
    this.numerics = numericsWith(ops, compute);
  }

  async weights(): Promise<Weights> {
    this.#expectAlive('weights');
    return applyMasks(this.#parts.weights, new Map());
  }

  async predict(images: NdArray<'n h w c'>): Promise<NdArray<'n k'>> {
    const form = this.#ready('predict').formWith();
    checkImages(images, this.input);
    const logits = [images.shape[0]!, this.classes.length];
    return this.#inChunks(images, { axes: 'n k', shape: logits }, this.#imagesAtOnce, (chunk) => {
      return form.value(this.#normalised(chunk));
    });
  }

  async inputGradient(images: NdArray<'n h w c'>, classIndex: ClassIndices): Promise<NdArray<'n h w c'>> {
    const form = this.#ready('inputGradient').formWith();
    checkImages(images, this.input);
    checkClassIndices(classIndex, images.shape[0]!, this.classes.length);
    const gradient = await this.#inChunks(images, images, this.#imagesAtOnce, (chunk, start) => {
      const upstream = oneHot(classIndex.slice(start, start + chunk.shape[0]!), this.classes.length);
      return form.gradient(this.#normalised(chunk), this.#upload(upstream));
    });
    toPixelGradient(gradient, this.input.std);
    return gradient;
  }

  async activations(images: NdArray<'n h w c'>, layer: string): Promise<NdArray<'n h w d'>> {
    const evaluation = this.#ready('activations');
    const { height, width, features } = layerNamed(this.layers, layer);
    checkImages(images, this.input);
    const form = evaluation.formWith(layer);
    const activations = [images.shape[0]!, height, width, features];
    return this.#inChunks(images, { axes: 'n h w d', shape: activations }, this.#imagesAtOnce, (chunk) => {
      return form.value(this.#normalised(chunk), layer);
    });
  }

  async classify(activations: NdArray<'n h w d'>, layer: string): Promise<NdArray<'n k'>> {
    const evaluation = this.#ready('classify');
    const { height, width, features } = completeLayerNamed(this.layers, layer);
    expectShape(activations, [null, height, width, features], `Activations of the layer "${layer}"`);
    expectFinite(activations.data, `Activations of the layer "${layer}"`);
    const form = evaluation.formWith(layer);
    const shape = this.#shapes.get(layer)!;
    const logits = [activations.shape[0]!, this.classes.length];
    const atOnce = Math.max(this.#imagesAtOnce, Math.floor((pixelsAtOnce * 4) / rowSize(activations)));
    return this.#inChunks(activations, { axes: 'n k', shape: logits }, atOnce, (chunk) => {
      return form.logitsFrom(this.#parts.ops.upload(chunk.data, [chunk.shape[0]!, ...shape]), layer);
    });
  }

  async activationGradient(
    images: NdArray<'n h w c'>,
    layer: string,
    classIndex: ClassIndices,
  ): Promise<NdArray<'n h w d'>> {
    const evaluation = this.#ready('activationGradient');
    const { height, width, features } = layerNamed(this.layers, layer);
    checkImages(images, this.input);
    checkClassIndices(classIndex, images.shape[0]!, this.classes.length);
    const form = evaluation.formWith(layer);
    const gradients = [images.shape[0]!, height, width, features];
    return this.#inChunks(images, { axes: 'n h w d', shape: gradients }, this.#imagesAtOnce, (chunk, start) => {
      const upstream = oneHot(classIndex.slice(start, start + chunk.shape[0]!), this.classes.length);
      return form.gradient(this.#normalised(chunk), this.#upload(upstream), layer);
    });
  }

  async parameterGradient(images: NdArray<'n h w c'>, of: ClassIndices | NdArray<'n k'>): Promise<Weights> {
    const form = this.#ready('parameterGradient').formWithParameters();
    checkImages(images, this.input);
    const count = images.shape[0]!;
    checkDifferentiated(of, count, this.classes.length);
    const { ops, network, weights } = this.#parts;
    const sums = new ParameterGradients(ops, network, weights);
    await this.#eachChunk(images, (chunk, start, end) => {
      sums.add(form, chunk, 'data' in of ? rows(of, start, end) : of.slice(start, end));
    });
    return sums.dividedBy('data' in of ? 1 : count);
  }

  async inputSquares(images: NdArray<'n h w c'>): Promise<Weights> {
    const form = this.#ready('inputSquares').formWithParameters();
    checkImages(images, this.input);
    const { ops, network } = this.#parts;
    const sums = new InputSquares(ops, network);
    await this.#eachChunk(images, (chunk) => sums.add(form, chunk));
    return sums.mean(images.shape[0]!, this.multiplyAccumulates());
  }

  async compacted(): Promise<Model> {
    this.#expectAlive('compacted');
    const { network, weights, masks } = this.#parts;
    return networkModel({ ...this.#parts, ...compactedNetwork({ network, weights, masks }, this.#shapes) });
  }

  channelGroups(): ChannelGroups {
    return channelGroupsOf(this.#parts.network, this.#shapes);
  }

  multiplyAccumulates(): MultiplyAccumulates {
    return multiplyAccumulatesOf(this.#parts.network, this.#shapes);
  }

  async masked(masks: Masks): Promise<Model> {
    this.#expectAlive('masked');
    checkMasks(this.parameters, masks);
    return networkModel({ ...this.#parts, masks: joinMasks(this.masks, masks) });
  }

  async withWeights(weights: Weights, masks: Masks = this.masks): Promise<Model> {
    this.#expectAlive('withWeights');
    return networkModel({ ...this.#parts, weights, masks });
  }

  async withNormalisation({ mean, std }: Pick<InputSpec, 'mean' | 'std'>): Promise<Model> {
    this.#expectAlive('withNormalisation');
    const { spec } = this.#parts;
    return networkModel({ ...this.#parts, spec: { ...spec, input: { ...spec.input, mean, std } } });
  }

  async train(source: BatchSource, options: TrainOptions, hooks?: TrainHooks): Promise<Model> {
    this.#expectAlive('train');
    const { ops, network, weights, masks, history } = this.#parts;
    const dtype = dtypeOf(this.numerics.training);
    const start = { ops, dtype, network, input: this.input, classes: this.classes.length, weights, masks, history };
    const trained = await train(start, source, options, hooks);
    return networkModel({ ...this.#parts, ...trained });
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#evaluation?.[Symbol.dispose]();
    this.#evaluation = undefined;
  }

  get #imagesAtOnce(): number {
    return Math.max(1, Math.floor(pixelsAtOnce / (this.input.height * this.input.width)));
  }

  /** The evaluation network, put on the device when first needed: models that are only trained never need it. */
  #ready(method: string): EvaluationNetwork {
    this.#expectAlive(method);
    const { ops, network, weights } = this.#parts;
    const dtype = dtypeOf(this.numerics.inference);
    this.#evaluation ??= new EvaluationNetwork({ ops, network, weights, shapes: this.#shapes, dtype });
    return this.#evaluation;
  }

  #expectAlive(method: string): void {
    if (!this.#disposed) return;
    throw new StudyError(
      'core/not-supported',
      `The model (${this.#parts.network.architecture}) was disposed of, so "${method}" cannot run. Dispose of a model after its last use.`,
    );
  }

  /** The results of `work` on parts of `inputs`, together an array as `output` says. */
  #inChunks<Axes extends string, Output extends string>(
    inputs: NdArray<Axes>,
    output: Pick<NdArray<Output>, 'axes' | 'shape'>,
    atOnce: number,
    work: (chunk: NdArray<Axes>, start: number) => Tensor,
  ): Promise<NdArray<Output>> {
    return inChunks(this.#parts.ops, inputs, output, { atOnce, work });
  }

  /** `work` on parts of normalised images, each in a scope. */
  #eachChunk(images: NdArray, work: (chunk: Tensor, start: number, end: number) => void): Promise<void> {
    const { ops } = this.#parts;
    return eachChunk(images, this.#imagesAtOnce, (chunk, start, end) => {
      ops.scope(() => work(this.#normalised(chunk), start, end));
    });
  }

  #normalised(images: NdArray): Tensor {
    return this.#parts.ops.adopt(normalised(images.data, this.input), images.shape);
  }

  #upload(array: NdArray): Tensor {
    return this.#parts.ops.upload(array.data, array.shape);
  }
}

function oneHot(classIndex: readonly number[], classes: number): NdArray<'n k'> {
  const rows = ndArray('n k', [classIndex.length, classes]);
  classIndex.forEach((k, n) => {
    rows.data[n * classes + k] = 1;
  });
  return rows;
}
