import type { Plugins } from '@espalier/core';
import { infidelity } from './infidelity.ts';
import { maxSensitivity } from './max-sensitivity.ts';

export { type Counted, type Explained, infidelityOf } from './infidelity-of.ts';
export { type Copies, movesOf } from './moves-of.ts';
export type { Perturbing } from './perturbed.ts';
export { type Fit, type Scaling, squaredMisfit } from './squared-misfit.ts';
export { infidelity, maxSensitivity };

/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';

/** What this package offers to a study. */
export const plugins: Plugins = [infidelity, maxSensitivity];
