import { type NdArray, ndArray } from '../../array.ts';
import { StudyError } from '../../errors.ts';
import type {
  ClassIndices,
  EpochRecord,
  InitialDistribution,
  InputSpec,
  Masks,
  Model,
  ParameterInfo,
  Weights,
} from '../../networks/model.ts';
import { randomStream } from '../../random/random.ts';
import { smaller, toyChannelGroups } from './toy-channels.ts';
import { eachPatch } from './toy-patches.ts';
import { toyRelevanceOf } from './toy-relevance.ts';
import type { ToySizes, ToyState } from './toy-state.ts';

const pooled = { name: 'features', isStage: true, isComplete: true, hasAffineRest: true } as const;
const defaults: ToySizes = { height: 8, width: 8, features: 5, classes: 3 };

/**
 * A small convolutional classifier in plain loops, differentiable, for testing plugins without an engine:
 * 2 x 2 convolution with stride 2, ReLU (layer `features`), mean over space, dense layer.
 *
 * Images are not normalised (mean 0, std 1). Training is one epoch of nothing: it returns the same weights.
 */
export function toyModel(seed = 0, sizes: Partial<ToySizes> = {}): Model {
  const all = { ...defaults, ...sizes };
  const stream = randomStream(seed, 'toy-model');
  const normal = (count: number, scale: number) => Float32Array.from({ length: count }, () => scale * stream.normal());
  return build({
    sizes: all,
    kernel: normal(all.features * 12, 0.5),
    bias: normal(all.features, 0.1),
    dense: normal(all.classes * all.features, 1),
    masks: new Map(),
  });
}

function build(state: ToyState, history: readonly EpochRecord[] = []): Model {
  const { height, width, features, classes } = state.sizes;
  const parameters: readonly ParameterInfo[] = [
    { name: 'conv.weight', shape: [features, 3, 2, 2], role: 'kernel', initial: uniform(12) },
    { name: 'conv.bias', shape: [features], role: 'bias', initial: uniform(12) },
    { name: 'fc.weight', shape: [classes, features], role: 'kernel', initial: uniform(features) },
  ];
  return {
    input: { height, width, channels: 3, mean: [0, 0, 0], std: [1, 1, 1] },
    classes: Array.from({ length: classes }, (_, i) => `class ${i}`),
    layers: [{ ...pooled, height: height / 2, width: width / 2, features }],
    parameters,
    masks: state.masks,
    history,
    numerics: { engine: 'toy', version: '1', inference: 'exact', training: 'exact' },
    weights: async () => weightsOf(state),
    predict: async (images) => logits(state, activations(state, images)),
    inputGradient: async (images, classIndex) => inputGradient(state, images, classIndex),
    activations: async (images, layer) => {
      checkLayer(layer);
      return activations(state, images);
    },
    classify: async (values, layer) => {
      checkLayer(layer);
      return logits(state, values);
    },
    activationGradient: async (images, layer, classIndex) => {
      checkLayer(layer);
      return activationGradient(state, images, classIndex);
    },
    parameterGradient: async (images, of) => parameterGradient(state, images, of),
    inputSquares: async (images) => inputSquares(state, images),
    channelGroups: () => toyChannelGroups(features),
    ...toyRelevanceOf(state.sizes, { kernel: state.kernel, bias: state.bias }, state.dense),
    compacted: async () => build(smaller(state), history),
    multiplyAccumulates: () => ({
      perWeight: new Map([
        ['conv.weight', (height / 2) * (width / 2)],
        ['fc.weight', 1],
      ]),
      ofValues: 0,
    }),
    masked: async (masks) => build(applyMasks(state, masks), history),
    withWeights: async (weights, masks = state.masks) => {
      checkWeights(parameters, weights);
      const values = (name: string) => weights.get(name)!.data.slice();
      const [kernel, bias, dense] = [values('conv.weight'), values('conv.bias'), values('fc.weight')];
      return build(applyMasks({ ...state, kernel, bias, dense, masks: new Map() }, masks), history);
    },
    withNormalisation: async (normalisation) => normalisedBy(build(state, history), normalisation),
    train: async () => build(state, [...history, { epoch: history.length, loss: 1, accuracy: 0, learningRate: 0 }]),
    [Symbol.dispose]: () => {},
  };
}

/** The model, which is given normalised images, and so is all that it becomes. */
function normalisedBy(model: Model, { mean, std }: Pick<InputSpec, 'mean' | 'std'>): Model {
  const given = (images: NdArray<'n h w c'>) => ({
    ...images,
    data: images.data.map((value, i) => (value - mean[i % 3]!) / std[i % 3]!),
  });
  const again = (next: Model) => normalisedBy(next, { mean, std });
  return {
    ...model,
    input: { ...model.input, mean, std },
    predict: (images) => model.predict(given(images)),
    async inputGradient(images, classIndex) {
      const slopes = await model.inputGradient(given(images), classIndex);
      return { ...slopes, data: slopes.data.map((slope, i) => slope / std[i % 3]!) };
    },
    activations: (images, layer) => model.activations(given(images), layer),
    activationGradient: (images, layer, classIndex) => model.activationGradient(given(images), layer, classIndex),
    parameterGradient: (images, of) => model.parameterGradient(given(images), of),
    inputSquares: (images) => model.inputSquares(given(images)),
    compacted: async () => again(await model.compacted()),
    masked: async (masks) => again(await model.masked(masks)),
    withWeights: async (...asked) => again(await model.withWeights(...asked)),
    train: async (...asked) => again(await model.train(...asked)),
  };
}

/** PyTorch's default for what is computed from so many values. */
function uniform(inputs: number): InitialDistribution {
  return { kind: 'uniform', bound: 1 / Math.sqrt(inputs) };
}

function weightsOf({ sizes, kernel, bias, dense }: ToyState): Weights {
  const { features, classes } = sizes;
  return new Map<string, NdArray>([
    ['conv.weight', ndArray('o i h w', [features, 3, 2, 2], kernel.slice())],
    ['conv.bias', ndArray('o', [features], bias.slice())],
    ['fc.weight', ndArray('o i', [classes, features], dense.slice())],
  ]);
}

function activations(state: ToyState, images: NdArray<'n h w c'>): NdArray<'n h w d'> {
  const [count, height, width] = images.shape as [number, number, number, number]; // 'n h w c' has four sizes
  const { features } = state.sizes;
  const out = ndArray('n h w d', [count, height / 2, width / 2, features]);
  eachPatch(images, features, (at, place) => {
    for (let d = 0; d < features; d++) {
      let sum = state.bias[d]!;
      for (let i = 0; i < 12; i++) sum += state.kernel[d * 12 + i]! * images.data[place(i)]!;
      out.data[at + d] = Math.max(0, sum);
    }
  });
  return out;
}

function logits(state: ToyState, values: NdArray<'n h w d'>): NdArray<'n k'> {
  const { classes, features } = state.sizes;
  const [count, height, width] = values.shape as [number, number, number, number]; // 'n h w d' has four sizes
  const places = height * width;
  const out = ndArray('n k', [count, classes]);
  for (let n = 0; n < count; n++)
    for (let k = 0; k < classes; k++) {
      let sum = 0;
      for (let p = 0; p < places; p++)
        for (let d = 0; d < features; d++)
          sum += values.data[(n * places + p) * features + d]! * state.dense[k * features + d]!;
      out.data[n * classes + k] = sum / places;
    }
  return out;
}

function inputGradient(state: ToyState, images: NdArray<'n h w c'>, classIndex: ClassIndices): NdArray<'n h w c'> {
  const { features } = state.sizes;
  const active = activations(state, images);
  const places = active.shape[1]! * active.shape[2]!;
  const gradient = ndArray('n h w c', images.shape);
  eachPatch(images, features, (at, place) => {
    const k = classIndex[Math.floor(at / (places * features))]!;
    for (let d = 0; d < features; d++) {
      if (active.data[at + d] === 0) continue;
      const flow = state.dense[k * features + d]! / places;
      for (let i = 0; i < 12; i++) gradient.data[place(i)]! += flow * state.kernel[d * 12 + i]!;
    }
  });
  return gradient;
}

/** Logits are means over space: every place has the same slope. */
function activationGradient(state: ToyState, images: NdArray<'n h w c'>, classIndex: ClassIndices): NdArray<'n h w d'> {
  const { features, height, width } = state.sizes;
  const places = (height / 2) * (width / 2);
  const gradient = ndArray('n h w d', [images.shape[0]!, height / 2, width / 2, features]);
  return {
    ...gradient,
    data: gradient.data.map(
      (_, i) => state.dense[classIndex[Math.floor(i / (places * features))]! * features + (i % features)]! / places,
    ),
  };
}

/** Of the mean cross-entropy, or of slope x logit. */
function parameterGradient(state: ToyState, images: NdArray<'n h w c'>, of: ClassIndices | NdArray<'n k'>): Weights {
  const { features, classes } = state.sizes;
  const active = activations(state, images);
  const found = logits(state, active);
  const places = active.shape[1]! * active.shape[2]!;
  const [kernel, bias, dense] = [state.kernel, state.bias, state.dense].map(
    (values) => new Float32Array(values.length),
  );
  const slopes = 'data' in of ? of.data : lossSlopes(found, of);
  eachPatch(images, features, (at, place) => {
    const n = Math.floor(at / (places * features));
    for (let d = 0; d < features; d++) {
      const value = active.data[at + d]!;
      for (let k = 0; k < classes; k++) {
        const slope = slopes[n * classes + k]! / places;
        dense![k * features + d]! += slope * value;
        if (value === 0) continue;
        const flow = slope * state.dense[k * features + d]!;
        bias![d]! += flow;
        for (let i = 0; i < 12; i++) kernel![d * 12 + i]! += flow * images.data[place(i)]!;
      }
    }
  });
  return weightsOf({ ...state, kernel: kernel!, bias: bias!, dense: dense! });
}

/** Of the mean cross-entropy, at the logits. */
function lossSlopes({ data, shape }: NdArray<'n k'>, labels: ClassIndices): readonly number[] {
  const classes = shape[1]!;
  return labels.flatMap((label, n) => {
    const row = Array.from(data.subarray(n * classes, (n + 1) * classes), Math.exp);
    const sum = row.reduce((a, b) => a + b, 0);
    return row.map((value, k) => (value / sum - Number(k === label)) / labels.length);
  });
}

/** Of pixels at the places of a patch, and of the means over space that the dense layer takes. */
function inputSquares(state: ToyState, images: NdArray<'n h w c'>): Weights {
  const { features, classes } = state.sizes;
  const count = images.shape[0]!;
  const active = activations(state, images);
  const places = active.shape[1]! * active.shape[2]!;
  const pixels = new Float64Array(12);
  const means = Array.from({ length: count }, () => new Float64Array(features));
  eachPatch(images, features, (at, place) => {
    for (let i = 0; i < 12; i++) pixels[i]! += images.data[place(i)]! ** 2 / (count * places);
    const own = means[Math.floor(at / (places * features))]!;
    for (let d = 0; d < features; d++) own[d]! += active.data[at + d]! / places;
  });
  const squares = Array.from({ length: features }, (_, d) => means.reduce((sum, own) => sum + own[d]! ** 2 / count, 0));
  const repeated = (values: ArrayLike<number>, rows: number) =>
    Float32Array.from({ length: rows * values.length }, (_, i) => values[i % values.length]!);
  return new Map<string, NdArray>([
    ['conv.weight', ndArray('o i h w', [features, 3, 2, 2], repeated(pixels, features))],
    ['fc.weight', ndArray('o i', [classes, features], repeated(squares, classes))],
  ]);
}

function applyMasks(state: ToyState, masks: Masks): ToyState {
  const held = new Map(state.masks);
  for (const [name, mask] of masks) {
    const before = held.get(name);
    held.set(
      name,
      mask.map((keep, i) => keep & (before?.[i] ?? 1)),
    );
  }
  const keepOf = (name: string, values: Float32Array) =>
    values.map((value, i) => (held.get(name)?.[i] === 0 ? 0 : value));
  return {
    ...state,
    kernel: keepOf('conv.weight', state.kernel),
    dense: keepOf('fc.weight', state.dense),
    masks: held,
  };
}

function checkWeights(parameters: readonly ParameterInfo[], weights: Weights): void {
  const fits = parameters.every(({ name, shape }) => weights.get(name)?.shape.join() === shape.join());
  if (fits && weights.size === parameters.length) return;
  const expected = parameters.map(({ name, shape }) => `"${name}" [${shape.join(', ')}]`).join(', ');
  throw new StudyError('core/weights-mismatch', `The toy model has exactly the parameters ${expected}.`);
}

function checkLayer(layer: string): void {
  if (layer !== 'features')
    throw new StudyError('core/layer-unknown', `The toy model has the layer "features"; found "${layer}".`);
}
