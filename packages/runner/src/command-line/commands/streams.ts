/** What takes whatever is written, as it is. */
export interface Streams {
  readonly isTerminal: boolean;
  readonly columns: number;
  /** Lines of the terminal; a table that is longer cannot be drawn in place. */
  readonly rows?: number | undefined;
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
  /** Why something that was written has not arrived; undefined while all has, or the reader just went. */
  readonly trouble?: () => Promise<NodeJS.ErrnoException | undefined>;
}

/** What is written to of a stream. */
export interface Sink {
  write(text: string): unknown;
  on(event: 'error', hear: (error: NodeJS.ErrnoException) => void): unknown;
}
