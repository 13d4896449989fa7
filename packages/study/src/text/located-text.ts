/** Where something is in a JSON document: keys and indices from the root. */
export type Path = readonly (string | number)[];

/** A place in a text, counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A parsed study file that still knows where every value was written. */
export interface StudyText {
  /** The file as the user named it; begins every error line. */
  readonly fileName: string;
  readonly text: string;
  /** The document as plain data. Its objects have no prototype, so no key means anything to JavaScript. */
  readonly value: unknown;
  /** Where the value at `path` was written, or the nearest value around it. */
  locate(path: Path): Position;
  /** Where the key at the end of `path` was written. */
  locateKey(path: Path): Position;
}
