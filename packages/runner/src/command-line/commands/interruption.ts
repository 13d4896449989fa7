import { hasTerminal } from './output.ts';

// npx passes a Ctrl-C on that has reached the command already; services are sent SIGTERM and SIGHUP together.
const sameWishMs = 250;

/**
 * Calls `first` at the first Ctrl-C or SIGTERM, or when the terminal is closed (SIGHUP); a second Ctrl-C or SIGTERM ends the
 * process, and its workers with it. Returns what stops listening; a process that was asked to stop listens until its end, for
 * it may still have connections to close.
 */
export function onInterrupt(first: () => void): () => void {
  let askedAt: number | undefined;
  const hear = (): void => {
    if (askedAt === undefined) begin();
    else if (performance.now() - askedAt > sameWishMs) process.exit(130);
  };
  // A terminal that closes says so several times, and nobody is impatient.
  const hangUp = (): void => {
    if (askedAt === undefined) begin();
  };
  const begin = (): void => {
    askedAt = performance.now();
    first();
  };
  const signals = { SIGINT: hear, SIGTERM: hear, ...(hasTerminal() && { SIGHUP: hangUp }) };
  for (const [signal, listener] of Object.entries(signals)) process.on(signal, listener);
  return () => {
    if (askedAt !== undefined) return;
    for (const [signal, listener] of Object.entries(signals)) process.off(signal, listener);
  };
}
