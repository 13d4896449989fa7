import { canonicalJson, sha256 } from './canonical-json.ts';
import type { KeyComponents } from './keys.ts';

/** A blob by its content. */
export interface BlobRef {
  readonly sha256: string;
  readonly bytes: number;
}

/** A stored artifact: all that another process needs to read it. Plain JSON. */
export interface ArtifactRef {
  /** What it is, for those who read it; the store knows no kinds. */
  readonly kind: string;
  /** SHA-256 of what the artifact is; enters the keys of everything that uses it. */
  readonly digest: string;
  /** SHA-256 of the blob that describes it and names its other blobs. */
  readonly manifest: string;
  /** Size of all its blobs. */
  readonly bytes: number;
}

/** What one instance produced, and all that its key was made of. */
export interface KeyRecord {
  readonly key: string;
  readonly components: KeyComponents;
  readonly outputs: Readonly<Record<string, ArtifactRef>>;
  /** Every blob that the outputs need. */
  readonly blobs: readonly BlobRef[];
  /** The instance's name when it ran, how long it took, and when: for people only. */
  readonly madeAs: { readonly instance: string; readonly at: string; readonly ms: number };
}

/** Whether `text` can name a blob: it becomes part of a path. */
export function isDigest(text: unknown): text is string {
  return typeof text === 'string' && /^[0-9a-f]{64}$/.test(text);
}

/** Most bytes of a blob: no more are read at once. */
export const mostBlobBytes = 2 ** 31 - 1;

/** A record names what went in and came out, and holds none of it: thousands of inputs take a megabyte. */
export const mostRecordBytes = 16 * 2 ** 20;

/** A record as text, with a checksum of what it says. */
export function formatRecord(record: KeyRecord): string {
  return `${JSON.stringify({ checksum: sha256(canonicalJson(record)), record }, undefined, 1)}\n`;
}

/** A record as it was written; undefined for a damaged or foreign one, which is a miss: the instance runs again. */
export function parseRecord(text: string, key: string): KeyRecord | undefined {
  try {
    const { checksum, record } = JSON.parse(text) as { checksum: unknown; record: unknown }; // checked next
    const isSound = isRecord(record) && record.key === key && sha256(canonicalJson(record)) === checksum;
    return isSound ? record : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is KeyRecord {
  if (!isObject(value)) return false;
  const { key, components, outputs, blobs, madeAs } = value;
  return (
    typeof key === 'string' &&
    isObject(components) &&
    typeof components.type === 'string' &&
    isObject(components.packages) &&
    isObject(outputs) &&
    Object.values(outputs).every((ref) => has(ref, { kind: 'string', digest: 'string', manifest: 'string' })) &&
    Array.isArray(blobs) &&
    blobs.every((blob) => has(blob, { sha256: 'string', bytes: 'number' })) &&
    has(madeAs, { instance: 'string', at: 'string', ms: 'number' })
  );
}

function has(value: unknown, types: Readonly<Record<string, 'string' | 'number'>>): boolean {
  return isObject(value) && Object.entries(types).every(([name, type]) => typeof value[name] === type);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
