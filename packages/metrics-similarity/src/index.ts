import type { Plugins } from '@espalier/core';
import { agreement } from './agreement.ts';
import { cka } from './cka.ts';

export { centredProduct, gramOf } from './centred-product.ts';
export { divergences } from './divergences.ts';
export { agreement, cka };

/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';

/** What this package offers to a study. */
export const plugins: Plugins = [agreement, cka];
