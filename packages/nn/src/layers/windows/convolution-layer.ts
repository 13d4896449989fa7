import type { End } from '../values/end.ts';
import type { LayerWindow } from './window.ts';

/**
 * y[o] = sum over the window of kernel[o] x, plus bias[o]: PyTorch's `Conv2d`. With `groups`, outputs see only the inputs of their group.
 * Inputs: a map `[height, width, inputs]`; where `residual`, a second one of the output's shape, which is added before the end.
 */
export interface ConvolutionLayer extends LayerWindow {
  readonly kind: 'convolution';
  /** Name of the kernel, `[outputs, inputs / groups, height, width]`. */
  readonly weight: string;
  /** Name of the bias, `[outputs]`. */
  readonly bias: string | null;
  readonly inputs: number;
  readonly outputs: number;
  /** Steps between the places that neighbouring values of the kernel see. */
  readonly dilation: readonly [number, number];
  readonly groups: number;
  /** Set by fusing. */
  readonly residual?: boolean;
  /** Set by fusing. */
  readonly end?: End;
}

/** Whether every input channel has kernels of its own. */
export function isDepthwise({ groups, inputs }: Pick<ConvolutionLayer, 'groups' | 'inputs'>): boolean {
  return groups === inputs && groups > 1;
}
