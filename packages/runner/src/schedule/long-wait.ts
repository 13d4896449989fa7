import { setTimeout as pause } from 'node:timers/promises';

// Node keeps the time in 31 bits, and fires at once what is longer: 24.8 days.
const longestTimerMs = 2 ** 31 - 1;

/** Waits for any number of milliseconds. @throws the signal's reason when aborted */
export async function longWait(ms: number, signal: AbortSignal): Promise<void> {
  try {
    for (let left = ms; left > 0; left -= longestTimerMs)
      await pause(Math.min(left, longestTimerMs), undefined, { signal });
  } finally {
    signal.throwIfAborted();
  }
}
