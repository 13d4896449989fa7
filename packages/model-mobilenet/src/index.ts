import { mobilenetV2 } from './mobilenet.ts';

export { mobilenetV2Network } from './network.ts';
export { mobilenetV2 };

/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';

/** What this package offers to a study. */
export const plugins = [mobilenetV2] as const;
