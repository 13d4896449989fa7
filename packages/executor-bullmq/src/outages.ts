import { isOutage } from './server.ts';

/** Whether the server of the queues is away. */
export interface Outages {
  /** An error of a connection; others are nothing to it. */
  heard(error: Error): void;
  /** The server has answered. */
  over(): void;
}

/** Tells once of a server that goes away, however many errors come of it, and once when it is back. */
export function outages(begins: (error: Error) => void, ends: () => void = () => {}): Outages {
  let gone = false;
  return {
    heard(error) {
      if (gone || !isOutage(error)) return;
      gone = true;
      begins(error);
    },
    over() {
      if (gone) ends();
      gone = false;
    },
  };
}
