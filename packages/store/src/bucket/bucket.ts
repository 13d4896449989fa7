import { StudyError } from '@espalier/core';

/** An object as a listing names it. */
export interface BucketEntry {
  readonly name: string;
  readonly bytes: number;
  /** When it was put, in milliseconds of the server's clock. */
  readonly putMs: number;
}

/** Named objects that several machines reach, as the package of an object store opens them. */
export interface Bucket {
  /** Where it is reached, where the store's URL does not say it: what is read of each place is kept apart. */
  readonly at?: string;
  /**
   * The bytes of an object; undefined where there is none. Whatever else keeps it from being read is an error.
   *
   * @param most bytes it can have
   * @throws StudyError `store/corrupt` where it has more
   */
  get(name: string, most?: number): Promise<Uint8Array | undefined>;
  /** How many bytes an object has; undefined where there is none. */
  size(name: string): Promise<number | undefined>;
  /**
   * Puts an object whole.
   *
   * @param ifAbsent only where there is none
   * @returns whether it was put. False also where it was, and the answer was lost: look whose it is.
   */
  put(name: string, bytes: Uint8Array, ifAbsent?: boolean): Promise<boolean>;
  /** The names that begin with `prefix`. */
  list(prefix: string): Promise<readonly string[]>;
  /** The same with what is known of them; a store is looked after only where a bucket tells. */
  entries?(prefix: string): Promise<readonly BucketEntry[]>;
  /** Does nothing where there is none. */
  remove(name: string): Promise<void>;
  /** From when `signal` is aborted, no answer is waited for longer than some seconds. */
  hurry?(signal: AbortSignal): void;
}

/** What a package for stores of one kind of URL exports as `openBucket`. Nothing of what it throws holds credentials. */
export type OpenBucket = (url: string) => Bucket | Promise<Bucket>;

/** What a bucket gives for a name; nothing that could be believed where it has more bytes than it can have. */
export async function unlessTooLarge(got: Promise<Uint8Array | undefined>): Promise<Uint8Array | undefined> {
  try {
    return await got;
  } catch (error) {
    if (StudyError.is(error) && error.code === 'store/corrupt') return new Uint8Array();
    throw error;
  }
}
