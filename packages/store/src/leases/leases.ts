/** What came of asking for an instance: it is ours to run, or a run that is alive has it. */
export type Lease = { readonly heldBy: string } | OwnLease;

/** An instance that is ours to run, until it is released or lost. */
export interface OwnLease {
  readonly heldBy: null;
  /** Aborted, for the name of its new owner, when another run has taken it over: this one was silent for too long. */
  readonly lost?: AbortSignal;
  release(): Promise<void>;
}

/** Says among the runs on one store who computes what. It saves work; no result rests on it. */
export interface Leases {
  /** @throws StudyError with the path, where there is a lease that can neither be read nor taken away */
  take(key: string): Promise<Lease>;
}
