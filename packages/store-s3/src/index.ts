export { openBucket } from './open-bucket.ts';

/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';
