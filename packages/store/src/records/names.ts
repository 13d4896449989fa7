/** What the objects of a store are called: paths under its folder, names in its bucket. */
export const checkpointsName = 'checkpoints';
export const leasesName = 'leases';

/** @param digest SHA-256 of its bytes */
export function blobName(digest: string): string {
  return `cas/sha256/${digest.slice(0, 2)}/${digest}`;
}

export function recordName(key: string): string {
  return `keys/${key.slice(0, 2)}/${key}.json`;
}

/** @param stage where an instance trains in several */
export function checkpointName(key: string, stage?: string): string {
  return `${checkpointsName}/${stage === undefined ? key : `${key}.${stage}`}.safetensors`;
}

/** The key of the instance that a checkpoint belongs to, by the last part of its name. */
export function keyOfCheckpoint(name: string): string {
  return name.split('.')[0]!;
}
