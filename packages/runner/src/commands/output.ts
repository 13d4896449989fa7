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
  // Whoever reads along may go (`espalier run … | head`): a study is not lost for that.
  for (const stream of [stdout, stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  return {
    isTerminal: stdout.isTTY === true,
    columns: stdout.columns ?? 80,
    write: (text) => void stdout.write(text),
    writeError: (text) => void stderr.write(text),
  };
}
