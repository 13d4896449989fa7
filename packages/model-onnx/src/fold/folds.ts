import { elementwise } from './elementwise.ts';
import type { Fold } from './folding.ts';
import { making } from './making.ts';
import { picking } from './picking.ts';

/** What can be done with constants, besides moving them. */
export const folds: Readonly<Record<string, Fold>> = { ...elementwise, ...making, ...picking };
