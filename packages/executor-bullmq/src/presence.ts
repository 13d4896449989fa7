/*
 * Who waits for a job is told by connections, not by beats: the system closes those of a process that is killed at once, and
 * keeps those of one that is busy, however long.
 */

/** What a run waits for. It may be told before a server answers, and is told again whenever a connection was lost. */
export interface Waiter {
  wait(name: string): void;
  /** To be called once for each call of `wait`. */
  leave(name: string): void;
  close(): Promise<void>;
}

/** Whether runs wait, as a worker sees it. */
export interface Waiters {
  /** Whether anybody waits for `name`; undefined where the server does not say, or not for long enough to be believed. */
  areThere(name: string): Promise<boolean | undefined>;
  close(): Promise<void>;
}

export interface Presence {
  waiter(): Waiter;
  waiters(): Waiters;
}

/** How soon a broken connection is tried anew. Meanwhile its process counts as gone, so this is soon. */
export const reconnectMs = 100;

/** Runs that have lost their connection with the worker's, for the server went away, are back by then. */
export const settledMs = 3000;

/** The same waiter, told only of the first and the last who wait for a name. */
export function counting(inner: Waiter): Waiter {
  const counts = new Map<string, number>();
  return {
    wait(name) {
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      if (count === 1) inner.wait(name);
    },
    leave(name) {
      const count = (counts.get(name) ?? 1) - 1;
      counts.set(name, count);
      if (count > 0) return;
      counts.delete(name);
      inner.leave(name);
    },
    close: inner.close,
  };
}

/** Names of jobs: they differ between queues. */
export function waitName(queue: string, job: string): string {
  return `${queue}:${job}`;
}
