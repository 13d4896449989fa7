import type { Leases } from '../leases/leases.ts';
import type { StoreContents, StoredFile } from './store-contents.ts';

/** A store as those see it who look after it: all that is in it, wherever that is. */
export interface StoreParts {
  /** Its folder or URL. */
  readonly location: string;
  /** Whether the time of a record says when a run last used it, not only when it was made. */
  readonly notesUse: boolean;
  readonly leases: Leases;
  /** Reads all records and lists the rest. */
  contents(): Promise<StoreContents>;
  /** SHA-256 of a blob as it is read now; undefined for one that has gone. What is no file has none. */
  sha256(file: StoredFile): Promise<string | undefined>;
  /** A file as it is now; undefined where it has gone, or something else is in its place. */
  now(file: StoredFile): Promise<StoredFile | undefined>;
  remove(path: string): Promise<void>;
}
