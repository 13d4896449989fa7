import type { ParameterRole } from '@espalier/core';
import type { LayerKind } from '../kind.ts';
import { fittedTo } from '../values/repeated.ts';

/** A learned value that is the same for every image: position embeddings, a class token, a scale of channels. No inputs. */
export interface ParameterLayer {
  readonly kind: 'parameter';
  readonly parameter: string;
  /** Its shape, and that of the value. */
  readonly shape: readonly number[];
  readonly role: Exclude<ParameterRole, 'kernel' | 'statistic'>;
}

/** On the device it has a batch of one, which is repeated where images meet it. */
export const parameter: LayerKind<ParameterLayer> = {
  parameters: ({ parameter: name, shape, role }) => [{ name, shape, role, deviceShape: [1, ...shape] }],
  shape: ({ shape }) => shape,
  forward: ({ ops, parameter: value }, layer) => ops.reshape(value(layer.parameter), [1, ...layer.shape]),
  backward({ ops, dy, gradient, parameter: value }, layer) {
    gradient?.(layer.parameter, ops.cast(fittedTo(ops, dy, value(layer.parameter)), 'float32'));
    return [];
  },
};
