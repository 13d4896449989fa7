import type { Rule } from '../rule.ts';
import { activations } from './activations.ts';
import { arithmetic } from './arithmetic.ts';
import { joins } from './joins.ts';
import { means } from './means.ts';
import { moves } from './moves.ts';
import { norms } from './norms.ts';
import { products } from './products.ts';
import { windows } from './windows.ts';

/** What can be done with values that depend on the images. */
export const rules: Readonly<Record<string, Rule>> = {
  ...activations,
  ...arithmetic,
  ...joins,
  ...means,
  ...moves,
  ...norms,
  ...products,
  ...windows,
};
