import { keepsInputs, type LayerKind, type Parameter } from '../kind.ts';
import { misfit } from '../shapes.ts';

/**
 * Normalises each channel, the last axis, by the mean and variance of the batch, of which the running ones keep a share: PyTorch's
 * `BatchNorm` in training. Evaluation normalises by the running ones: there, `evaluated` has put `affine` layers in its place.
 */
export interface BatchNormLayer {
  readonly kind: 'batch-norm';
  readonly channels: number;
  /** Names of the parameters, `[channels]` each. */
  readonly scale: string;
  readonly shift: string;
  readonly mean: string;
  readonly variance: string;
  /** Name of the count of batches, a scalar that nothing computes with. */
  readonly count: string | null;
  /** Added to the variance. */
  readonly epsilon: number;
  /** Weight of the new batch in the running statistics, PyTorch's sense. */
  readonly momentum: number;
}

export const batchNorm: LayerKind<BatchNormLayer> = {
  parameters: parametersOf,
  shape(layer, inputs) {
    const [x] = inputs;
    if (inputs.length === 1 && x && x.at(-1) === layer.channels) return x;
    throw misfit('batch-norm', `one input with ${layer.channels} channels`, inputs);
  },
  keeps: () => keepsInputs,
  forward({ ops, inputs, parameter, save, update }, layer) {
    const parameters = {
      scale: parameter(layer.scale),
      shift: parameter(layer.shift),
      runningMean: parameter(layer.mean),
      runningVariance: parameter(layer.variance),
    };
    const { y, runningMean, runningVariance, saved } = ops.batchNorm(inputs[0]!, parameters, layer);
    update(layer.mean, runningMean);
    update(layer.variance, runningVariance);
    save(...saved);
    return y;
  },
  backward({ ops, inputs, dy, saved, parameter, gradient }, layer) {
    const { dx, dScale, dShift } = ops.batchNormGradient(dy, inputs[0]!, parameter(layer.scale), saved, layer.epsilon);
    gradient?.(layer.scale, dScale);
    gradient?.(layer.shift, dShift);
    return [dx];
  },
};

function parametersOf({ scale, shift, mean, variance, count, channels }: BatchNormLayer): readonly Parameter[] {
  const each = (name: string, role: Parameter['role']): Parameter => ({ name, shape: [channels], role, exact: true });
  return [
    each(scale, 'scale'),
    each(shift, 'shift'),
    { ...each(mean, 'statistic'), initial: { kind: 'constant', value: 0 } },
    { ...each(variance, 'statistic'), initial: { kind: 'constant', value: 1 } },
    ...(count === null ? [] : [{ name: count, shape: [], role: 'statistic' as const }]),
  ];
}
