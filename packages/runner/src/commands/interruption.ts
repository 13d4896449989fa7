/** Calls `first` at the first Ctrl-C; the second ends the process. Returns what stops listening. */
export function onInterrupt(first: () => void): () => void {
  let count = 0;
  const hear = (): void => {
    count++;
    if (count === 1) first();
    else process.exit(130);
  };
  process.on('SIGINT', hear);
  process.on('SIGTERM', hear);
  return () => {
    process.off('SIGINT', hear);
    process.off('SIGTERM', hear);
  };
}
