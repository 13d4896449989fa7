import { type NdArray, ndArray, sizeOf } from '../../array.ts';
import { StudyError } from '../../errors.ts';
import type { ClassIndices, Model, Relevance } from '../../networks/model.ts';
import { type Operation, type RelevanceRule, type RelevanceRules, rulesFor } from '../../networks/relevance-rules.ts';
import { eachPatch } from './toy-patches.ts';

/** The toy model, step by step. */
export const toyOperations: readonly Operation[] = [
  { name: 'convolution', kind: 'convolution', readsImages: true },
  { name: 'features', kind: 'relu', readsImages: false },
  { name: 'means', kind: 'mean', readsImages: false },
  { name: 'logits', kind: 'dense', readsImages: false },
];

/** Weights of a layer, [outputs, inputs], and its biases. */
export interface ToyWeights {
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
}

/** One image on its way through the toy model. */
export interface ToyPass {
  /** [places, 12]: the values of the image, patch by patch. */
  readonly patches: readonly (readonly number[])[];
  readonly convolution: ToyWeights;
  readonly dense: ToyWeights;
  readonly classIndex: number;
}

/** What came back of one image; `kernels` are shares of weights. */
export interface ToyRelevance extends Record<Exclude<keyof Relevance, 'values'>, number> {
  readonly patches: readonly (readonly number[])[];
  readonly features: readonly (readonly number[])[];
  readonly kernels: { readonly convolution: Float64Array; readonly dense: Float64Array };
}

/** The rules of relevance in plain loops: see `RelevanceRule`. */
export function toyRelevance(
  { patches, convolution, dense, classIndex }: ToyPass,
  rules: RelevanceRules,
): ToyRelevance {
  const ruleOf = rulesFor(toyOperations, rules);
  const outputs = convolution.bias.length;
  const sums = patches.map((patch) => valuesOf(patch, convolution));
  const features = sums.map((values) => values.map((value) => Math.max(0, value)));
  const means = Array.from({ length: outputs }, (_, d) => mean(features.map((values) => values[d]!)));
  const logits = valuesOf(means, dense);
  const arriving = logits.map((logit, k) => (k === classIndex ? (rules.start === 'logit' ? logit : 1) : 0));
  const last = handOn(ruleOf.get('logits')!, means, dense, arriving);
  const places = patches.length;
  const overMeans = last.inputs.map((value, d) => {
    const weights = { kernel: new Float32Array(places).fill(1 / places), bias: new Float32Array(1) };
    return handOn(
      ruleOf.get('means')!,
      features.map((values) => values[d]!),
      weights,
      [value],
    );
  });
  const atFeatures = features.map((_, p) => overMeans.map(({ inputs }) => inputs[p]!));
  const first = patches.map((patch, p) => {
    const back = atFeatures[p]!.map((value, d) => throughRelu(ruleOf.get('features')!, value, sums[p]![d]!));
    return {
      ...handOn(ruleOf.get('convolution')!, patch, convolution, back),
      lost: total(atFeatures[p]!) - total(back),
    };
  });
  const all = [last, ...overMeans, ...first];
  const kernel = convolution.kernel.map(() => 0);
  return {
    patches: first.map(({ inputs }) => inputs),
    features: atFeatures,
    kernels: {
      convolution: Float64Array.from(kernel, (_, i) => total(first.map(({ kernel }) => kernel[i]!))),
      dense: Float64Array.from(last.kernel),
    },
    start: total(arriving),
    absorbed: total(all.map(({ absorbed }) => absorbed)) + total(first.map(({ lost }) => lost)),
    withheld: total(all.map(({ withheld }) => withheld)),
  };
}

/** What the toy model answers to rules of relevance. @param dense [classes, features], without biases */
export function toyRelevanceOf(
  { features, classes }: { readonly features: number; readonly classes: number },
  convolution: ToyWeights,
  dense: Float32Array,
): Pick<Model, 'inputRelevance' | 'activationRelevance' | 'kernelRelevance'> {
  const passes = (images: NdArray<'n h w c'>, classIndex: ClassIndices, rules: RelevanceRules) => {
    const places: number[][] = [];
    eachPatch(images, features, (_, place) => places.push(Array.from({ length: 12 }, (__, i) => place(i))));
    const each = places.length / Math.max(1, classIndex.length);
    return classIndex.map((k, n) => {
      const own = places.slice(n * each, (n + 1) * each);
      const patches = own.map((patch) => patch.map((at) => images.data[at]!));
      const head = { kernel: dense, bias: new Float32Array(classes) };
      return { places: own, ...toyRelevance({ patches, convolution, dense: head, classIndex: k }, rules) };
    });
  };
  const means = (size: readonly number[], all: readonly Float64Array[]) =>
    ndArray(
      size.length === 2 ? 'o i' : 'o i h w',
      size,
      Float32Array.from({ length: sizeOf(size) }, (_, i) => all.reduce((sum, each) => sum + each[i]! / all.length, 0)),
    );
  return {
    async inputRelevance(images, classIndex, rules) {
      const found = passes(images, classIndex, rules);
      const values = ndArray('n h w c', images.shape);
      for (const { places, patches } of found)
        for (const [p, patch] of places.entries())
          for (const [i, at] of patch.entries()) values.data[at] = patches[p]![i]!;
      const of = (name: 'start' | 'absorbed' | 'withheld') => found.map((each) => each[name]);
      return { values, start: of('start'), absorbed: of('absorbed'), withheld: of('withheld') };
    },
    async activationRelevance(images, layer, classIndex, rules) {
      if (layer !== 'features')
        throw new StudyError('core/layer-unknown', `Expected the layer "features"; found "${layer}".`);
      const shape = [classIndex.length, images.shape[1]! / 2, images.shape[2]! / 2, features];
      const found = passes(images, classIndex, rules).flatMap((each) => each.features.flat());
      return ndArray('n h w d', shape, Float32Array.from(found));
    },
    async kernelRelevance(images, classIndex, rules) {
      const found = passes(images, classIndex, rules).map(({ kernels }) => kernels);
      return new Map([
        [
          'conv.weight',
          means(
            [features, 3, 2, 2],
            found.map(({ convolution }) => convolution),
          ),
        ],
        [
          'fc.weight',
          means(
            [classes, features],
            found.map(({ dense }) => dense),
          ),
        ],
      ]);
    },
  };
}

function throughRelu({ rule }: RelevanceRule, arriving: number, value: number): number {
  const positive = rule === 'guided' || rule === 'deconvnet' ? Math.max(0, arriving) : arriving;
  return value > 0 || rule === 'deconvnet' || rule === 'identity' ? positive : 0;
}

/** Shares of one output: what each input and the bias are in its sum, and the part of the relevance that the sum hands on. */
interface Shares {
  readonly factor: number;
  readonly ofInput: (x: number, weight: number, i: number) => number;
  readonly ofBias: (bias: number) => number;
}

function sharesOf(rule: RelevanceRule, z: number): readonly Shares[] {
  const above = (value: number) => Math.max(0, value);
  const below = (value: number) => Math.min(0, value);
  const products = (factor: number, of: (value: number) => number): Shares => ({
    ...{ factor, ofInput: (x, weight) => of(x * weight), ofBias: of },
  });
  switch (rule.rule) {
    case 'alpha-beta':
      return [products(rule.alpha, above), products(-rule.beta, below)];
    case 'gamma':
      if (z === 0) return [];
      return [products(1, (value) => value + rule.gamma * (z > 0 ? above(value) : below(value)))];
    case 'flat':
      return [{ factor: 1, ofInput: () => 1, ofBias: () => 0 }];
    case 'w-square':
      return [{ factor: 1, ofInput: (_, weight) => weight ** 2, ofBias: (bias) => bias ** 2 }];
    case 'z-box': // of pixels in [0, 1], which the toy model does not normalise
      return [{ factor: 1, ofInput: (x, weight) => x * weight - below(weight), ofBias: () => 0 }];
    default:
      return [products(1, (value) => value)];
  }
}

function handOn(rule: RelevanceRule, x: readonly number[], { kernel, bias }: ToyWeights, arriving: readonly number[]) {
  const inputs = x.map(() => 0);
  const shares = Array.from(kernel, () => 0);
  let [absorbed, given] = [0, 0];
  const values = valuesOf(x, { kernel, bias });
  for (const [j, relevance] of arriving.entries()) {
    const weights = kernel.subarray(j * x.length, (j + 1) * x.length);
    if (rule.rule === 'gradient') for (const [i, weight] of weights.entries()) inputs[i]! += weight * relevance;
    if (!('epsilon' in rule)) continue;
    for (const { factor, ofInput, ofBias } of sharesOf(rule, values[j]!)) {
      const each = Array.from(weights, (weight, i) => ofInput(x[i]!, weight, i));
      const sum = total(each) + ofBias(bias[j]!);
      const divisor = sum + (sum < 0 ? -rule.epsilon : rule.epsilon);
      const quotient = divisor === 0 ? 0 : (factor * relevance) / divisor;
      each.forEach((share, i) => {
        inputs[i]! += share * quotient;
        shares[j * x.length + i]! += share * quotient;
      });
      absorbed += ofBias(bias[j]!) * quotient;
      given += sum * quotient;
    }
  }
  if (!('epsilon' in rule)) return { inputs, kernel: shares, absorbed: total(arriving) - total(inputs), withheld: 0 };
  return { inputs, kernel: shares, absorbed, withheld: total(arriving) - given };
}

function valuesOf(x: readonly number[], { kernel, bias }: ToyWeights): readonly number[] {
  return Array.from(bias, (shift, j) => x.reduce((sum, value, i) => sum + value * kernel[j * x.length + i]!, shift));
}

function mean(values: readonly number[]): number {
  return total(values) / values.length;
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
