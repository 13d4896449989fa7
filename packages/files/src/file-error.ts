import { StudyError } from '@espalier/core';
import { visible } from './visible-text.ts';

/** What a file is to those who read the error. */
export interface FilePurpose {
  /** What the path should hold, with its article: `the weights`, `a record of the store`. */
  readonly what: string;
  /** What to do, as a sentence; without it, one that fits the reason. */
  readonly advice?: string | undefined;
}

interface Reason {
  readonly text: string;
  readonly advice: string;
}

const check = 'Check the path.';
const permissions = 'Change its permissions or its owner, or name another.';
const disk = 'Look after the disk or the network drive, then try again: nothing was changed.';
const shorter = 'Give a shorter path.';

// Codes of POSIX as Node names them: https://nodejs.org/api/errors.html#common-system-errors
const reasons: Readonly<Record<string, Reason>> = {
  ENOENT: { text: 'does not exist', advice: check },
  ENOTDIR: { text: 'leads through something that is no folder', advice: check },
  EISDIR: { text: 'is a folder', advice: 'Name a file.' },
  EEXIST: { text: 'is in the way of what should be there', advice: 'Move it away, or name another place.' },
  EACCES: { text: 'may not be opened by this user', advice: permissions },
  EPERM: { text: 'may not be opened or changed by this user', advice: permissions },
  EROFS: { text: 'is on a disk that can only be read', advice: 'Name a place that can be written to.' },
  ELOOP: { text: 'is a link that leads to itself, or through too many others', advice: 'Remove the link.' },
  ENAMETOOLONG: { text: 'has a name that is too long for the file system', advice: shorter },
  EINVAL: { text: 'has a name that the file system does not take', advice: 'Give another path.' },
  ERR_INVALID_ARG_VALUE: {
    text: 'has a name with a character that no file system takes',
    advice: 'Give another path.',
  },
  EIO: { text: 'cannot be read from its disk', advice: disk },
  ESTALE: { text: 'is on a network drive that has lost it', advice: disk },
  ENXIO: { text: 'is a device or a pipe with nobody at its other end', advice: 'Name a regular file.' },
  ENODEV: { text: 'is a device that is not there', advice: 'Name a regular file.' },
  EBUSY: { text: 'is in use', advice: 'Try again when it is free.' },
  ENOSPC: { text: 'is on a disk that is full', advice: 'Free some space, or name another place.' },
  EDQUOT: { text: 'is on a disk whose quota is used up', advice: 'Free some space, or name another place.' },
  EMFILE: { text: 'cannot be opened: this process has too many open files', advice: 'Raise the limit (ulimit -n).' },
  ENFILE: { text: 'cannot be opened: this machine has too many open files', advice: 'Close what holds them open.' },
  ETIMEDOUT: { text: 'is on a network drive that does not answer', advice: disk },
};

/**
 * A failure of the file system as a sentence: what was wanted, where, why it failed and what to do.
 *
 * @param cause what `node:fs` threw; a StudyError is returned as it is
 * @returns with the code `core/data-missing` where nothing is there, `files/disk-full` where nothing more fits, else `files/unreadable`
 */
export function fileError(cause: unknown, path: string, { what, advice }: FilePurpose): StudyError {
  if (StudyError.is(cause)) return cause;
  const code = codeOf(cause);
  const message = cause instanceof Error ? cause.message : String(cause);
  const reason = reasons[code] ?? { text: `cannot be used (${message})`, advice: check };
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  const kind = isMissing(cause) ? 'core/data-missing' : isFull ? 'files/disk-full' : 'files/unreadable';
  const text = `Expected ${what} at ${shownPath(path)}, which ${reason.text}. ${advice ?? reason.advice}`;
  return new StudyError(kind, text, { cause });
}

/** What stands at `path` is no regular file: a folder, a FIFO, a device, a socket. */
export function notRegular(path: string, found: string, { what, advice }: FilePurpose): StudyError {
  const text = `Expected ${what} at ${shownPath(path)}, found ${found}. ${advice ?? 'Name a regular file.'}`;
  return new StudyError('files/unreadable', text);
}

/** What stands at `path` is larger than anything that belongs there. */
export function tooLarge(path: string, bytes: number, most: number, { what, advice }: FilePurpose): StudyError {
  const text = `Expected ${what} at ${shownPath(path)}, of at most ${most} bytes; found ${bytes} bytes. ${advice ?? 'Name another file.'}`;
  return new StudyError('files/unreadable', text);
}

/**
 * True only where the system says that nothing is there. What cannot be looked at (`EACCES`, `EIO`, `ESTALE`, `ENOTDIR`) may
 * well be there, and whoever takes it for missing loses it.
 */
export function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}

/** A path as a person may read it: what would hide or reorder text, or begin a line, is replaced. */
export function shownPath(path: string): string {
  return visible(path).replace(/[\t\n\r]/g, '\ufffd');
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
