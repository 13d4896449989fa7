/** Where a command writes. */
export interface Output {
  readonly isTerminal: boolean;
  readonly columns: number;
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
}

/** The process's own streams. */
export function standardOutput(): Output {
  const { stdout, stderr } = process;
  return {
    isTerminal: stdout.isTTY === true,
    columns: stdout.columns ?? 80,
    write: (text) => void stdout.write(text),
    writeError: (text) => void stderr.write(text),
  };
}
