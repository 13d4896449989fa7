import { StudyError } from '@espalier/core';

/** Why an install ended, as one sentence for the person who asked for it. */
export function installFailure(sentence: string, cause?: unknown): StudyError {
  return new StudyError(
    'native-tensorflow/install-failed',
    `The native TensorFlow could not be installed: ${sentence}.`,
    {
      cause,
    },
  );
}

/** The same for an error that is not ours: a full disk, a folder that cannot be written, a damaged archive. */
export function unexpectedFailure(error: unknown, folder: string): StudyError {
  if (StudyError.is(error)) return error;
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return installFailure(
      `the disk of ${folder} is full; free some space, or set XDG_CACHE_HOME to another disk`,
      error,
    );
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENOTDIR' || code === 'EEXIST') {
    return installFailure(`${folder} cannot be written (${code}); set XDG_CACHE_HOME to a folder that can`, error);
  }
  return installFailure(`${error instanceof Error ? error.message : String(error)} (in ${folder})`, error);
}
