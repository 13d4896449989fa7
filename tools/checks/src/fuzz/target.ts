import { randomStream } from '@espalier/core';
import { mutation, otherNumbers, otherValues } from './mutations.ts';

/** One input from outside. */
export interface Case {
  /** Reads it; ends in what was read, or in a StudyError. */
  read(): Promise<unknown> | unknown;
  /** What an error must say: its place. */
  readonly place: RegExp;
  /** What has to come of it, where that is known; and why, for who reads of a failure. */
  readonly expected?: { readonly outcome: 'accepted' | 'refused'; readonly since: string } | undefined;
  /** What is wrong with what was read, held against a slow and obvious reading; undefined for nothing. */
  judge?(value: unknown): string | undefined;
}

/** Where cases of one kind come from. */
export interface Generator {
  readonly name: string;
  /** The same for the same `label`. */
  make(label: string): Case;
}

/** One kind of input that comes from outside. */
export interface Target {
  readonly name: string;
  /** Inputs that are taken: changes of what is refused anyway would test nothing. */
  readonly sound: readonly Case[];
  /** Asked in turn. */
  readonly generators: readonly Generator[];
  /** Names of the files in its folder that reading may leave there. */
  readonly leaves?: readonly string[];
}

/** A target below a folder of its own, which is empty at first. */
export type MakeTarget = (folder: string) => Promise<Target> | Target;

/** How a target reads bytes, and what its errors must say. */
export interface Reader {
  readonly place: RegExp;
  read(input: Uint8Array): Promise<unknown> | unknown;
}

/** Bytes as a case. */
export function caseOf({ place, read }: Reader, input: Uint8Array): Case {
  return { place, read: () => read(input) };
}

/** Edits of bytes. */
export function mutationsOf(reader: Reader, seeds: readonly Uint8Array[]): Generator {
  return { name: 'bytes', make: (label) => caseOf(reader, mutation(seeds, label)) };
}

/** The JSON `text` with other names and values, or with another number, in the file that it belongs in. */
export function otherValuesOf(
  reader: Reader,
  text: string,
  pack: (text: string) => Uint8Array = Buffer.from,
): Generator {
  const change = (label: string): string => (isEven(label) ? otherValues : otherNumbers)(text, label);
  return { name: 'values', make: (label) => caseOf(reader, pack(change(label))) };
}

function isEven(label: string): boolean {
  return randomStream(0, 'kind of change', label).integer(2) === 0;
}
