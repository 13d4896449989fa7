import { resolve } from 'node:path';
import { StudyError } from '@espalier/core';
import { readRegularFileSync, shownPath } from '@espalier/files';
import type { OnnxOptions } from './onnx-options.ts';

/** Longest file of names: thousands of classes have less. */
const most = 4 * 2 ** 20;

/**
 * The names of the network's classes in its order, from the options or from the file that they name; null where they say none.
 *
 * @throws StudyError `core/data-missing`, `files/unreadable` or `model-onnx/classes-file`
 */
export function classNames({ classes }: Pick<OnnxOptions, 'classes'>, folder: string): readonly string[] | null {
  if (typeof classes !== 'string') return classes;
  const what = `the file of class names that the option "classes" names (${shownPath(classes)})`;
  const advice = 'Give the path of a text file with one name a line, relative to the study file.';
  const text = textOf(readRegularFileSync(resolve(folder, classes), { what, advice, most }));
  const names = text?.replace(/\r?\n$/, '').split(/\r?\n/) ?? [];
  const empty = names.findIndex((name) => name.trim() === '');
  if (names.length >= 2 && empty < 0) return names;
  const found =
    text === undefined
      ? 'bytes that are no UTF-8 text'
      : empty < 0
        ? `${names.length} line`
        : `nothing in line ${empty + 1}`;
  throw new StudyError(
    'model-onnx/classes-file',
    `Expected ${what} to have a name in each of its lines, two or more; found ${found}. ${advice}`,
  );
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
