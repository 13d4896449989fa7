import { mutation, otherValues } from './mutations.ts';

/** One kind of input that comes from outside, and what reads it. */
export interface Target {
  readonly name: string;
  /** Inputs that are taken: mutations of what is refused anyway would test nothing. */
  readonly seeds: readonly Uint8Array[];
  /** Where cases come from, asked in turn; the same for the same `label`. */
  readonly generators: readonly ((label: string) => Uint8Array)[];
  /** What an error must say: its place. */
  readonly place: RegExp;
  /** Names of the files in its folder that `run` may leave there. */
  readonly leaves?: readonly string[];
  run(input: Uint8Array): Promise<unknown> | unknown;
}

/** A target below a folder of its own, which is empty at first. */
export type MakeTarget = (folder: string) => Promise<Target> | Target;

/** Edits of bytes, the first generator of every target. */
export function mutationsOf(seeds: readonly Uint8Array[]): (label: string) => Uint8Array {
  return (label) => mutation(seeds, label);
}

/** The JSON `text` with other names and values, in the file that it belongs in. */
export function otherValuesOf(
  text: string,
  pack: (text: string) => Uint8Array = Buffer.from,
): (label: string) => Uint8Array {
  return (label) => pack(otherValues(text, label));
}
