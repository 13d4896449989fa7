import type { StoreFolder } from './store-folder.ts';

/** The files of a store, and how one is written. */
export interface StoreFiles {
  readonly folder: string;
  readonly files: StoreFolder;
  readonly write: (path: string, bytes: Uint8Array) => Promise<void>;
}
