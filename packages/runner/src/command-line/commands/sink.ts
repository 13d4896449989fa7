/** What is written to of a stream. */
export interface Sink {
  write(text: string): unknown;
  on(event: 'error', hear: (error: NodeJS.ErrnoException) => void): unknown;
}
