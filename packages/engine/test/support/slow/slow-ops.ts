import type { Ops } from '../../../src/ops.ts';
import { activations } from './slow-activations.ts';
import { batchNorms } from './slow-batch-norm.ts';
import { convolutions } from './slow-convolution.ts';
import { pooling } from './slow-pooling.ts';
import { placewise, products } from './slow-products.ts';
import { rows } from './slow-rows.ts';
import { shapes } from './slow-shapes.ts';
import { type Handle, of, results } from './slow-tensors.ts';
import { updates } from './slow-updates.ts';

/**
 * `Ops` written as the formulas are: float64, one loop per index, no trick. What both engines are compared with.
 * Only variables are kept in float32, since training promises to resume from float32.
 */
export function slowOps(): Ops {
  const made = results();
  const { scopes, make, map } = made;
  return {
    ...convolutions(made),
    ...batchNorms(made),
    ...rows(made),
    ...pooling(made),
    ...placewise(made),
    ...activations(made),
    ...products(made),
    ...shapes(made),
    ...updates(made),
    engine: 'slow',
    version: '1',
    hasBfloat16: false,
    hasFastBfloat16: false,
    get live() {
      return scopes.live;
    },
    scope: (work) => scopes.run(work),
    release: (...values) => {
      for (const value of values) scopes.release(value as Handle); // a test passes this engine's own handles
    },
    upload: (data, shape) => make(shape, Float64Array.from(data)),
    adopt: (data, shape) => make(shape, Float64Array.from(data)),
    freeze: () => {},
    download: (value) => Float32Array.from(of(value)),
    cast: (x) => map(x, (value) => value),
  };
}
