import { mobilenetV2 } from './mobilenet.ts';

export { mobilenetV2Network } from './network.ts';
export { mobilenetV2 };

/** What this package offers to a study. */
export const plugins = [mobilenetV2] as const;
