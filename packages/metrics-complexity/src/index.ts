import type { Plugins } from '@espalier/core';
import { effectiveComplexity } from './effective-complexity.ts';
import { entropy } from './entropy.ts';

export { effectiveComplexity, entropy };

/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';

/** What this package offers to a study. */
export const plugins: Plugins = [entropy, effectiveComplexity];
