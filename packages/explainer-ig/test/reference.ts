import { readFileSync } from 'node:fs';
import type { Quadrature } from '@espalier/explainer-ig';
import type { DenseWeights } from './dense-model.ts';

interface Reference {
  readonly legendre: readonly Quadrature[];
  readonly blur: readonly {
    readonly shape: readonly [number, number, number];
    readonly sigma: number;
    readonly image: readonly number[];
    readonly blurred: readonly number[];
  }[];
  readonly captum: DenseWeights & {
    readonly images: readonly number[];
    readonly classes: readonly number[];
    readonly attributions: readonly {
      readonly rule: string;
      readonly steps: number;
      readonly values: readonly number[];
      readonly delta: readonly number[];
    }[];
  };
}

/** tools/reference/integrated-gradients.py; NumPy 2.4.6, SciPy 1.17.1, Captum 0.9.0. */
export const reference: Reference = JSON.parse(
  readFileSync(new URL('fixtures/reference.json', import.meta.url), 'utf8'),
);
