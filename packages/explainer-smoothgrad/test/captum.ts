import { readFileSync } from 'node:fs';
import type { HiddenLayer } from '@espalier/core/testing';

interface Captum extends HiddenLayer {
  /** [2, 5, side, side, 3], standard normal. */
  readonly noise: readonly number[];
  readonly smoothgrad: readonly number[];
  readonly smoothgrad_sq: readonly number[];
  readonly vargrad: readonly number[];
}

/** tools/reference/smoothgrad.py: NoiseTunnel of Captum 0.9.0 over its Saliency, on a network of one hidden layer. */
export const captum: Captum = JSON.parse(readFileSync(new URL('fixtures/captum.json', import.meta.url), 'utf8'));
