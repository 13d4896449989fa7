import { readFileSync } from 'node:fs';

interface Reference {
  readonly factorisations: readonly {
    readonly shape: readonly [number, number];
    readonly rank: number;
    readonly values: readonly number[];
    readonly error: number;
  }[];
  readonly codes: readonly {
    readonly shape: readonly [number, number];
    readonly rank: number;
    readonly directions: readonly number[];
    readonly values: readonly number[];
    readonly codes: readonly number[];
  }[];
}

/** tools/reference/craft.py; PyTorch 2.13.0, SciPy 1.17.1, scikit-learn 1.9.1. */
export const reference: Reference = JSON.parse(
  readFileSync(new URL('fixtures/reference.json', import.meta.url), 'utf8'),
);
