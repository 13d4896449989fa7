import { StudyError } from '@espalier/core';

/** Why an install ended, as one sentence for the person who asked for it. */
export function installFailure(sentence: string, cause?: unknown): StudyError {
  const text = `The native TensorFlow could not be installed: ${sentence}.`;
  return new StudyError('native-tensorflow/install-failed', text, { cause });
}

/** The same for an error that is not ours: a full disk, a folder that cannot be written, a damaged archive. */
export function unexpectedFailure(error: unknown, folder: string): StudyError {
  if (StudyError.is(error)) return error;
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return installFailure(
      `the disk of ${folder} is full; free some space, or set XDG_CACHE_HOME to another disk`,
      error,
    );
  if (['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST'].includes(code ?? ''))
    return installFailure(`${folder} cannot be written (${code}); set XDG_CACHE_HOME to a folder that can`, error);
  return installFailure(`${error instanceof Error ? error.message : String(error)} (in ${folder})`, error);
}
