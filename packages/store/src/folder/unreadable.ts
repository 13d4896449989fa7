import { StudyError } from '@espalier/core';
import { fileError, notRegular } from '@espalier/files';

/** The code of an error of the system, such as `ENOENT`; empty for any other. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** An error that says what of a store could not be read and why; that is never the same as not being there. */
export function unreadable(cause: unknown, path: string): StudyError {
  const { code, message } = fileError(cause, path, { what: 'a readable part of a store' });
  const text = `${message} What cannot be read is not taken for missing: nothing was removed or computed because of it.`;
  return new StudyError(code, text, { cause });
}

/** What is thrown where a folder of a store is something else, such as a link. */
export function notFolder(path: string, found: string): StudyError {
  const advice = found.startsWith('a link')
    ? 'The folder of a store may itself be a link, but holds none: move there what the link leads to, or link the whole store.'
    : 'Move it away, or choose another folder with --store or --out.';
  return notRegular(path, found, { what: 'a folder of a store', advice });
}

/** What is thrown where a folder is in the place of a file: nothing in it was put there by Espalier, so it is left alone. */
export function folderForFile(path: string): StudyError {
  const advice = 'Move it away, then run the command again: what it should hold is computed anew.';
  return notRegular(path, 'a folder', { what: 'a file of a store', advice });
}
