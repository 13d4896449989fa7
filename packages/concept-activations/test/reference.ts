import { readFileSync } from 'node:fs';

interface Reference {
  /** 16 points in 128 dimensions, as integers in [0, 2^32). */
  readonly sobol: readonly number[];
  readonly crops: {
    readonly shape: readonly [number, number, number];
    readonly size: number;
    readonly image: readonly number[];
    readonly enlarged: readonly (readonly number[])[];
  };
}

/** tools/reference/craft.py; PyTorch 2.13.0, SciPy 1.17.1, scikit-learn 1.9.1. */
export const reference: Reference = JSON.parse(
  readFileSync(new URL('fixtures/reference.json', import.meta.url), 'utf8'),
);
