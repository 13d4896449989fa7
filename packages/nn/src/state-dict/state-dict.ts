import type { Safetensors } from '@espalier/formats';

/** The arrays of a file that PyTorch wrote, by its names. */
export type StateDict = Pick<Safetensors, 'tensors' | 'dtypes'>;

/** Where the arrays are from, for errors and the log. */
export interface StateDictPlace {
  /** What to call the file in errors. */
  readonly name: string;
  /** Says what was changed on the way. */
  readonly log: (line: string) => void;
}
