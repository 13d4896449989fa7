import type { KeyRecord } from '../records/key-record.ts';

/** A file of a store. */
export interface StoredFile {
  readonly path: string;
  readonly bytes: number;
  /** When it was written or last used, in milliseconds. */
  readonly usedMs: number;
}

/** The file of a record, and what it says or why it is not believed. */
export type StoredRecord = StoredFile &
  ({ readonly record: KeyRecord } | { readonly record: undefined; readonly text: string });

/** Something in the place of a file that is none. */
export interface Misfit {
  readonly path: string;
  readonly text: string;
  /** A folder may hold anything, so nobody but its owner removes it. */
  readonly isFolder: boolean;
}

/** Everything in the folder of a store. */
export interface StoreContents {
  /** By key. */
  readonly records: ReadonlyMap<string, StoredRecord>;
  /** By digest. */
  readonly blobs: ReadonlyMap<string, StoredFile>;
  /** By the key of the instance that was cut short. */
  readonly checkpoints: ReadonlyMap<string, StoredFile>;
  /** Keys that a run has taken, dead or alive. */
  readonly leases: readonly string[];
  /** What a killed process was writing. */
  readonly leftovers: readonly StoredFile[];
  readonly misfits: readonly Misfit[];
  /** What no store writes. */
  readonly strange: readonly StoredFile[];
}
