export { type BucketFor, bucketLaws, describeBucket } from './bucket-laws.ts';
