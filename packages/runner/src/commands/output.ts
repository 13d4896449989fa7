/** Where a command writes. */
export interface Output {
  readonly isTerminal: boolean;
  readonly columns: number;
  /** Lines of the terminal; a table that is longer cannot be drawn in place. */
  readonly rows?: number | undefined;
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
    // Read each time: a window may change its size.
    get columns() {
      return stdout.columns ?? 80;
    },
    get rows() {
      return stdout.rows;
    },
    write: (text) => void stdout.write(text),
    writeError: (text) => void stderr.write(text),
  };
}
