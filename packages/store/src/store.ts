import type { Leases } from './leases/leases.ts';
import type { BlobRef, KeyRecord } from './records/key-record.ts';

/** Content-addressed results. Nothing in it depends on names, paths or times. */
export interface Store {
  /** The folder of this machine that holds it, or what has been read of it. */
  readonly folder: string;
  /** What opens it again: its folder, or a URL. */
  readonly location: string;
  /** 16 digits that are the same wherever it is mounted, and no other store's. */
  id(): Promise<string>;
  /** The record of `key`, if it is intact and all its blobs are there. */
  record(key: string): Promise<KeyRecord | undefined>;
  /** Notes that a result is used, for those who clean up what nobody uses. */
  used(key: string): Promise<void>;
  /** Written last: a record says that everything it names is on the disk. */
  putRecord(record: KeyRecord): Promise<void>;
  /** Intact records of the same declared method and other code than `key`, the newest first. */
  recordsOfOtherCode(key: string): Promise<readonly KeyRecord[]>;
  /** Why the record of `key` is not believed, although there is one. */
  damage(key: string): Promise<string | undefined>;
  /** Takes away what is recorded for `key`, whatever its code; its data stay. */
  forget(key: string): Promise<void>;
  putBlob(bytes: Uint8Array): Promise<BlobRef>;
  /**
   * The bytes of a blob, checked against its name.
   *
   * @throws StudyError `store/corrupt`; a damaged blob is removed, so that the next run computes it again.
   */
  blob(sha256: string): Promise<Uint8Array>;
  /**
   * Reads all of the result of `key` where other machines read it, and puts there again what this machine has whole: what is
   * wrong then, undefined when nothing is. Only of stores that are read through a folder of each machine.
   */
  verify?(key: string): Promise<string | undefined>;
  /** From when `signal` is aborted, no other machine is waited for longer than some seconds. */
  hurry?(signal: AbortSignal): void;
  /** One file per instance that only matters until the instance is done; one per `stage` where it trains in several. */
  checkpoint(key: string, stage?: string): Checkpoints;
  /** Who computes what, among the runs on this store. */
  readonly leases: Leases;
}

/** The checkpoint of one instance: its bytes, none before the first is written. */
export interface Checkpoints {
  read(): Promise<Uint8Array | undefined>;
  write(bytes: Uint8Array): Promise<void>;
  clear(): Promise<void>;
}
