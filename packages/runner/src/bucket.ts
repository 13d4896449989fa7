/** Named objects that several machines reach, as the package of an object store opens them. */
export interface Bucket {
  /** The bytes of an object; undefined where there is none. */
  get(name: string): Promise<Uint8Array | undefined>;
  /** How many bytes an object has; undefined where there is none. */
  size(name: string): Promise<number | undefined>;
  /**
   * Puts an object whole.
   *
   * @param ifAbsent only where there is none
   * @returns whether it was put
   */
  put(name: string, bytes: Uint8Array, ifAbsent?: boolean): Promise<boolean>;
  /** The names that begin with `prefix`. */
  list(prefix: string): Promise<readonly string[]>;
  /** Does nothing where there is none. */
  remove(name: string): Promise<void>;
}

/** What a package for stores of one kind of URL exports as `openBucket`. Nothing of what it throws holds credentials. */
export type OpenBucket = (url: string) => Bucket | Promise<Bucket>;
