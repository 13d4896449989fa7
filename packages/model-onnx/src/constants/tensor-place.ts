/** The file that a tensor is in: its name for people, and its path. */
export interface TensorPlace {
  readonly name: string;
  readonly path: string;
}
