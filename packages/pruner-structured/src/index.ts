import { batchNorm } from './batch-norm.ts';
import { l1 } from './l1.ts';
import { relevance } from './relevance.ts';
import { taylor } from './taylor.ts';

export { batchNorm } from './batch-norm.ts';
export { l1 } from './l1.ts';
export { relevance } from './relevance.ts';
export { taylor } from './taylor.ts';

/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';

/** What this package offers to a study. */
export const plugins = [l1, taylor, batchNorm, relevance] as const;
