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
  type ParameterInfo,
  type Relevance,
  type RelevanceRules,
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
import { imagesName, type Network, type Shape } from '../graph/network.ts';
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
import { boxOf, toPixelGradient } from '../inputs/normalise.ts';
import type { PassedBack, RelevancePlan } from '../relevance/relevance-pass.ts';
import { train } from '../training/train.ts';
import { Chunks } from './chunks.ts';
import { InputSquares } from './input-squares.ts';
import { KernelRelevance } from './kernel-relevance.ts';
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
  readonly #chunks: Chunks;
  #evaluation: EvaluationNetwork | undefined;
  #disposed = false;

  constructor(parts: ModelParts, parameters: readonly ParameterInfo[]) {
    const { ops, compute, network, spec } = parts;
    this.#parts = parts;
    this.input = spec.input;
    this.classes = spec.classes;
    this.#chunks = new Chunks(ops, spec.input, spec.classes.length);
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
    const output = { axes: 'n k', shape: [images.shape[0]!, this.classes.length] } as const;
    return this.#chunks.together(images, output, (chunk) => form.value(this.#chunks.normalised(chunk)));
  }

  async inputGradient(images: NdArray<'n h w c'>, classIndex: ClassIndices): Promise<NdArray<'n h w c'>> {
    const gradient = await this.#gradient(images, classIndex, imagesName, images);
    return toPixelGradient(gradient, this.input.std);
  }

  async activations(images: NdArray<'n h w c'>, layer: string): Promise<NdArray<'n h w d'>> {
    const output = this.#activationsOf(layer, images);
    const form = this.#ready('activations').formWith(layer);
    checkImages(images, this.input);
    return this.#chunks.together(images, output, (chunk) => form.value(this.#chunks.normalised(chunk), layer));
  }

  async classify(activations: NdArray<'n h w d'>, layer: string): Promise<NdArray<'n k'>> {
    const evaluation = this.#ready('classify');
    completeLayerNamed(this.layers, layer);
    expectShape(activations, this.#activationsOf(layer, activations).shape, `Activations of the layer "${layer}"`);
    expectFinite(activations.data, `Activations of the layer "${layer}"`);
    const form = evaluation.formWith(layer);
    const output = { axes: 'n k', shape: [activations.shape[0]!, this.classes.length] } as const;
    const classify = (chunk: NdArray) =>
      form.logitsFrom(this.#parts.ops.upload(chunk.data, [chunk.shape[0]!, ...this.#shapes.get(layer)!]), layer);
    return this.#chunks.together(activations, output, classify, this.#chunks.rowsAtOnce(rowSize(activations)));
  }

  async activationGradient(
    images: NdArray<'n h w c'>,
    layer: string,
    classIndex: ClassIndices,
  ): Promise<NdArray<'n h w d'>> {
    return this.#gradient(images, classIndex, layer, this.#activationsOf(layer, images));
  }

  /** d logit / d value of `source`, of the shape of `output`. */
  async #gradient<Axes extends string>(
    images: NdArray<'n h w c'>,
    classIndex: ClassIndices,
    source: string,
    output: Pick<NdArray<Axes>, 'axes' | 'shape'>,
  ): Promise<NdArray<Axes>> {
    const form = this.#ready('gradient').formWith(source);
    checkImages(images, this.input);
    checkClassIndices(classIndex, images.shape[0]!, this.classes.length);
    return this.#chunks.explained(images, classIndex, output, (chunk, chosen) => form.gradient(chunk, chosen, source));
  }

  async parameterGradient(images: NdArray<'n h w c'>, of: ClassIndices | NdArray<'n k'>): Promise<Weights> {
    const form = this.#ready('parameterGradient').formWithParameters();
    checkImages(images, this.input);
    const count = images.shape[0]!;
    checkDifferentiated(of, count, this.classes.length);
    const { ops, network, weights } = this.#parts;
    const sums = new ParameterGradients(ops, network, weights);
    await this.#chunks.each(images, (chunk, start, end) => {
      sums.add(form, chunk, 'data' in of ? rows(of, start, end) : of.slice(start, end));
    });
    return sums.dividedBy('data' in of ? 1 : count);
  }

  async inputSquares(images: NdArray<'n h w c'>): Promise<Weights> {
    const form = this.#ready('inputSquares').formWithParameters();
    checkImages(images, this.input);
    const sums = new InputSquares(this.#parts.ops, this.#parts.network);
    await this.#chunks.each(images, (chunk) => sums.add(form, chunk));
    return sums.mean(images.shape[0]!, this.multiplyAccumulates());
  }

  async inputRelevance(
    images: NdArray<'n h w c'>,
    classIndex: ClassIndices,
    rules: RelevanceRules,
  ): Promise<Relevance> {
    const told: PassedBack[] = [];
    const values = await this.#handedBack(images, classIndex, { rules, source: imagesName }, images, told);
    const each = (of: 'start' | 'absorbed' | 'withheld') => told.flatMap((found) => found[of]);
    return { values, start: each('start'), absorbed: each('absorbed'), withheld: each('withheld') };
  }

  async activationRelevance(
    images: NdArray<'n h w c'>,
    layer: string,
    classIndex: ClassIndices,
    rules: RelevanceRules,
  ): Promise<NdArray<'n h w d'>> {
    return this.#handedBack(images, classIndex, { rules, source: layer }, this.#activationsOf(layer, images));
  }

  async kernelRelevance(images: NdArray<'n h w c'>, classIndex: ClassIndices, rules: RelevanceRules): Promise<Weights> {
    const sums = new KernelRelevance(this.#parts.ops, this.#parts.network);
    await this.#handedBack(images, classIndex, { rules, source: imagesName, consume: sums.add }, images);
    return sums.mean(classIndex.length);
  }

  async #handedBack<Axes extends string>(
    images: NdArray<'n h w c'>,
    classIndex: ClassIndices,
    { rules, source, consume = null }: Pick<RelevancePlan, 'rules' | 'source'> & Partial<RelevancePlan>,
    output: Pick<NdArray<Axes>, 'axes' | 'shape'>,
    told: PassedBack[] = [],
  ): Promise<NdArray<Axes>> {
    const form = this.#ready('relevance').formWithRules(source);
    checkImages(images, this.input);
    checkClassIndices(classIndex, images.shape[0]!, this.classes.length);
    const handBack = (chunk: Tensor, chosen: Tensor) => {
      const found = form.passedBack(chunk, { rules, chosen, source, box: boxOf(this.input), consume });
      told.push(found);
      return found.relevance;
    };
    const atOnce = Math.ceil(this.#chunks.atOnce / 4); // all values of all layers wait for the way back
    return this.#chunks.explained(images, classIndex, output, handBack, atOnce);
  }

  async compacted(): Promise<Model> {
    this.#expectAlive('compacted');
    return networkModel({ ...this.#parts, ...compactedNetwork(this.#parts, this.#shapes) });
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

  /** The evaluation network, put on the device when first needed: models that are only trained never need it. */
  #ready(method: string): EvaluationNetwork {
    this.#expectAlive(method);
    const dtype = dtypeOf(this.numerics.inference);
    this.#evaluation ??= new EvaluationNetwork({ ...this.#parts, shapes: this.#shapes, dtype });
    return this.#evaluation;
  }

  #expectAlive(method: string): void {
    if (!this.#disposed) return;
    throw new StudyError(
      'core/not-supported',
      `The model (${this.#parts.network.architecture}) was disposed of, so "${method}" cannot run. Dispose of a model after its last use.`,
    );
  }

  #activationsOf(layer: string, { shape }: NdArray): Pick<NdArray<'n h w d'>, 'axes' | 'shape'> {
    const { height, width, features } = layerNamed(this.layers, layer);
    return { axes: 'n h w d', shape: [shape[0]!, height, width, features] };
  }
}
