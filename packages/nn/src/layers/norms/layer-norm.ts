import { keepsInputs, type LayerKind } from '../kind.ts';
import { misfit } from '../shapes.ts';

/** Normalises the last axis of each value by its own mean and variance, times scale plus shift: PyTorch's `LayerNorm` over one axis. */
export interface LayerNormLayer {
  readonly kind: 'layer-norm';
  readonly size: number;
  /** Names of the parameters, `[size]` each. */
  readonly scale: string;
  readonly shift: string;
  /** Added to the variance. */
  readonly epsilon: number;
}

export const layerNorm: LayerKind<LayerNormLayer> = {
  parameters: ({ scale, shift, size }) => [
    { name: scale, shape: [size], role: 'scale', exact: true },
    { name: shift, shape: [size], role: 'shift', exact: true },
  ],
  shape({ size }, inputs) {
    const [x] = inputs;
    if (inputs.length === 1 && x && x.at(-1) === size) return x;
    throw misfit('layer-norm', `one input whose last axis is ${size}`, inputs);
  },
  keeps: () => keepsInputs,
  forward: ({ ops, inputs, parameter }, { scale, shift, epsilon }) =>
    ops.layerNorm(inputs[0]!, parameter(scale), parameter(shift), epsilon),
  backward({ ops, inputs, dy, parameter, gradient }, { scale, shift, epsilon }) {
    const { dx, dScale, dShift } = ops.layerNormGradient(dy, inputs[0]!, parameter(scale), epsilon);
    gradient?.(scale, dScale);
    gradient?.(shift, dShift);
    return [dx];
  },
};
