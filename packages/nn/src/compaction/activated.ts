import type { Activation } from '@espalier/engine';

/** f of one number, or NaN for functions that have no closed form here: their channels are kept. */
export function activated(f: Activation, x: number): number {
  const clip = (value: number, least: number, most: number) => Math.min(most, Math.max(least, value));
  switch (f.kind) {
    case 'clip':
      return clip(x, f.least, f.most);
    case 'sigmoid':
      return 1 / (1 + Math.exp(-x));
    case 'silu':
      return x / (1 + Math.exp(-x));
    case 'hard-sigmoid':
      return clip(f.slope * x + f.offset, 0, 1);
    case 'hard-swish':
      return x * clip(x / 6 + 0.5, 0, 1);
    case 'tanh':
      return Math.tanh(x);
    default:
      return Number.NaN;
  }
}
