export { type Bucket, type BucketEntry, type OpenBucket, unlessTooLarge } from './bucket/bucket.ts';
export { bucketLeases } from './bucket/bucket-leases.ts';
export { bucketParts } from './bucket/bucket-parts.ts';
export { bucketStore } from './bucket/bucket-store.ts';
export { collectGarbage, type GarbageOptions } from './care/garbage.ts';
export type { Misfit, StoreContents, StoredFile, StoredRecord } from './care/store-contents.ts';
export type { StoreParts } from './care/store-parts.ts';
export { storeUse } from './care/use.ts';
export { repairStore, verifyStore } from './care/verify.ts';
export { type DiskReader, diskReader } from './folder/disk-reader.ts';
export { type DiskWriter, diskWriter, writeDurably } from './folder/durable-files.ts';
export { fileLeases } from './folder/file-leases.ts';
export { folderParts } from './folder/folder-parts.ts';
export { folderStore } from './folder/folder-store.ts';
export { storeFolder } from './folder/store-folder.ts';
export type { Lease, Leases, OwnLease } from './leases/leases.ts';
export { canonicalJson, sha256 } from './records/canonical-json.ts';
export { codeDifferences } from './records/code-differences.ts';
export { type CodePolicy, type FoundRecord, findRecord } from './records/find-record.ts';
export type { ArtifactRef, BlobRef, KeyRecord } from './records/key-record.ts';
export {
  type KeyComponents,
  type KeyInput,
  keyComponents,
  keyOf,
  type PackageCode,
  type PackageCodes,
} from './records/keys.ts';
export type { Checkpoints, Store } from './store.ts';
