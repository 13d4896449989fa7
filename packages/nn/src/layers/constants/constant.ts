import type { LayerKind } from '../kind.ts';

/** A value that is the same for every image and is not trained. No inputs. */
export interface ConstantLayer {
  readonly kind: 'constant';
  readonly shape: readonly number[];
  /** Row-major. */
  readonly values: Float32Array;
}

/** On the device it has a batch of one, which is repeated where images meet it. */
export const constant: LayerKind<ConstantLayer> = {
  shape: ({ shape }) => shape,
  forward: ({ ops, dtype }, { shape, values }) =>
    ops.scope((keep) => keep(ops.cast(ops.upload(values, [1, ...shape]), dtype))),
  backward: () => [],
};
