import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { StudyError } from '@espalier/core';
import { fileError } from '@espalier/files';

/** The one way in which the runner writes files; a test may put a failing disk in its place. */
export interface DiskWriter {
  /** Writes all of `bytes` to `path` and waits until the disk has them. */
  write(path: string, bytes: Uint8Array): Promise<void>;
}

/** The disk of this machine, to be written. */
export const diskWriter: DiskWriter = {
  async write(path, bytes) {
    const file = await open(path, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
  },
};

/**
 * Puts `bytes` at `path` whole or not at all: a temporary file beside it, synced, then renamed.
 *
 * @param root the folder to name in errors
 * @throws StudyError `files/disk-full`, naming the folder, what is free and what was needed; of `fileError` for what else the system
 *   does not take. Nothing is left behind.
 */
export async function writeDurably(
  path: string,
  bytes: Uint8Array,
  { disk = diskWriter, root = dirname(path) }: { disk?: DiskWriter; root?: string } = {},
): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${process.pid}.${randomBytes(4).toString('hex')}`);
  try {
    await mkdir(folder, { recursive: true });
    await disk.write(temporary, bytes);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {}); // where no file can be, none is left
    throw await explained(error, path, root, bytes.length);
  }
}

// Node says ENOENT where a read-only disk refuses a new folder, and EEXIST or ENOTDIR where a file is in the way.
const unwritable: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR', 'EEXIST', 'EISDIR']);

async function explained(error: unknown, path: string, folder: string, needed: number): Promise<unknown> {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (unwritable.has(String(code))) return notWritable(error, folder);
  if (typeof code !== 'string') return error; // none of the system
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return fileError(error, path, { what: 'a place for a file' });
  const free = await statfs(folder).then(
    ({ bavail, bsize }) => `${bavail * bsize} bytes are free`,
    () => 'its free space is unknown',
  );
  return new StudyError(
    'files/disk-full',
    `The disk that holds ${folder} is full: ${needed} bytes were to be written, ${free}. ` +
      'Free some space, or put the store on another disk with --store, and run again: what is finished is kept.',
    { cause: error },
  );
}

function notWritable(cause: unknown, folder: string): StudyError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new StudyError(
    'store/not-writable',
    `The folder ${folder} cannot be written to (${reason}). Expected a folder with room for new files: change its permissions, or choose another with --home, --store or --out.`,
    { cause },
  );
}
