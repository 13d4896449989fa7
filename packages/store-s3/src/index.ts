export { openBucket } from './open-bucket.ts';
