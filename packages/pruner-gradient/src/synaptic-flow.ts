import {
  type InitialDistribution,
  type Masks,
  type Model,
  ndArray,
  type ParameterInfo,
  StudyError,
  type Weights,
} from '@espalier/core';

/** Powers of two that all values are scaled down by at most: float32 has 126, and products of small weights need some. */
const most = 110;
/** Logits that leave room before the bounds of clips, such as 6 of ReLU6. */
const small = 2 ** -20;

/**
 * What flows through every weight of `weights` on all paths from an image of ones to all logits, where all parameters are absolute values:
 * |w| dR/dw, with R the sum of the logits, over R. The weights that every path goes through once have 1 together.
 *
 * Running means are 0: what they take away is no flow. R of a deep network is beyond float32, and values beyond the bounds of a clip have no
 * slope. But such a network scales as its image, biases and shifts do, so all of these are scaled down together.
 *
 * @returns a function of masks; weights that they remove carry nothing
 */
export function synapticFlow(
  model: Model,
  weights: Weights,
): (masks: Masks) => Promise<ReadonlyMap<string, Float32Array>> {
  let exponent: number | undefined;
  let last: ReadonlyMap<string, Float32Array> | undefined;
  return async (masks) => {
    const absolute = absoluteWeights(model, weights, masks);
    exponent ??= await fittingExponent(model, absolute);
    using network = await scaledNetwork(model, absolute, exponent);
    const total = await totalOf(network);
    if (total <= 2 ** -most) exponent = undefined; // less flows in every round: find another before the next one
    if (total === 0 && last) return last; // a kernel is empty by now, as layerwise counts may have it
    if (total === 0) throw unfit('no path of weights leads from the image to the logits');
    const slopes = ndArray('n k', [1, network.classes.length]);
    slopes.data.fill(1 / total);
    const gradients = await network.parameterGradient(onesFor(network), slopes);
    const kernels = model.parameters.filter(({ role }) => role === 'kernel');
    last = new Map(kernels.map(({ name }) => [name, flows(absolute.get(name)!.data, gradients.get(name)!.data)]));
    return last;
  };
}

/** Rounding alone may leave a slope below 0. */
function flows(weights: Float32Array, slopes: Float32Array): Float32Array {
  const own = weights.map((weight, i) => weight * slopes[i]!);
  let [all, below] = [0, 0];
  for (const flow of own) {
    all += Math.abs(flow);
    below -= Math.min(0, flow);
  }
  if (below <= 1e-3 * all) return own.map(Math.abs);
  throw unfit(`${((100 * below) / all).toPrecision(3)} % of what flows through a kernel is below 0`);
}

/** For small logits, where that can be: the most, where they are large even then. */
async function fittingExponent(model: Model, absolute: Weights): Promise<number> {
  const at = async (exponent: number) => {
    using network = await scaledNetwork(model, absolute, exponent);
    return totalOf(network);
  };
  let exponent = most;
  let total = await at(exponent);
  for (; total === 0 && exponent > 0; exponent -= most / 2) total = await at(exponent - most / 2);
  const found = Math.min(most, Math.max(0, Math.ceil(Math.log2(total) + exponent - Math.log2(small))));
  if (total === 0 || !Number.isFinite(found)) return 0;
  const ratio = (await at(found)) / (4 * (await at(found + 2)));
  if (Math.abs(ratio - 1) < 1e-2) return found;
  throw unfit(`a fourth of the image has 1/${(4 * ratio).toPrecision(3)} of its logits`);
}

/** The network of `absolute`, whose image and all that it adds are scaled by 2^-exponent. */
async function scaledNetwork(model: Model, absolute: Weights, exponent: number): Promise<Model> {
  const factor = 2 ** -exponent;
  const isAdded = ({ role }: ParameterInfo) => role === 'bias' || role === 'shift' || role === 'embedding';
  const added = new Set(model.parameters.filter(isAdded).map(({ name }) => name));
  const weights: Weights = new Map(
    [...absolute].map(([name, array]) => [
      name,
      added.has(name) ? { ...array, data: array.data.map((value) => factor * value) } : array,
    ]),
  );
  using plain = await model.withWeights(weights, new Map());
  const { mean } = model.input;
  return plain.withNormalisation({ mean: mean.map(() => 0), std: mean.map(() => 1 / factor) });
}

async function totalOf(network: Model): Promise<number> {
  try {
    const { data } = await network.predict(onesFor(network));
    const total = data.reduce((sum, logit) => sum + logit, 0);
    if (total < Number.POSITIVE_INFINITY) return total;
  } catch (error) {
    if (!StudyError.is(error) || error.code !== 'core/values-not-finite') throw error;
  }
  throw unfit(`its values are beyond float32, even for an image of 2^-${most}`);
}

function onesFor({ input: { height, width, channels } }: Model) {
  const ones = ndArray('n h w c', [1, height, width, channels]);
  ones.data.fill(1);
  return ones;
}

function absoluteWeights({ parameters }: Model, weights: Weights, masks: Masks): Weights {
  // Of statistics, running means alone start at 0.
  const means = parameters.filter(({ role, initial }) => role === 'statistic' && initial && startsAtZero(initial));
  const without = new Set(means.map(({ name }) => name));
  return new Map(
    [...weights].map(([name, array]) => {
      const mask = without.has(name) ? new Uint8Array(array.data.length) : masks.get(name);
      return [name, { ...array, data: array.data.map((value, i) => (mask?.[i] === 0 ? 0 : Math.abs(value))) }];
    }),
  );
}

function startsAtZero(initial: InitialDistribution): boolean {
  return initial.kind === 'constant' && initial.value === 0;
}

function unfit(found: string): StudyError {
  return new StudyError('pruner-gradient/no-flow', unfitText(found));
}

/** What is said of a network that the flow is not defined for. */
export function unfitText(found: string): string {
  return (
    'SynFlow needs a network that is linear in its image where all parameters are positive: convolutions, dense layers, BatchNorm, ReLU, pooling ' +
    `and sums. Here, ${found}. Use another network, or another pruner.`
  );
}
