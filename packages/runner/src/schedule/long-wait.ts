// Node keeps the time in 31 bits, and fires at once what is longer: 24.8 days.
const longestTimerMs = 2 ** 31 - 1;

/**
 * Waits for any number of milliseconds.
 *
 * @throws the signal's reason when aborted
 */
export function longWait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const wait = (left: number): void => {
      timer = setTimeout(
        () => {
          if (left > longestTimerMs) return wait(left - longestTimerMs);
          signal.removeEventListener('abort', stop);
          resolve();
        },
        Math.min(left, longestTimerMs),
      );
    };
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    wait(ms);
  });
}
