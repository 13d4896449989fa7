import { link, open, rm, writeFile } from 'node:fs/promises';
import { systemCode } from './unreadable.ts';

/** Makes a hard link; a test may put a file system without them, or one that loses replies, in its place. */
export type Link = (existing: string, path: string) => Promise<void>;

/**
 * Puts `bytes` at `path` unless something is there, whole by a hard link. Where the file system has no hard links the
 * file is made first and filled then, so that others may see it while it is empty.
 *
 * @param beside a name of the caller's own in the same folder; nothing is left there
 * @returns whether it was put; false also where it was, but the reply was lost, as on NFS: look whose it is
 */
export async function putExclusively(
  path: string,
  bytes: string | Uint8Array,
  { beside, hardLink = link }: { readonly beside: string; readonly hardLink?: Link | undefined },
): Promise<boolean> {
  try {
    await writeFile(beside, bytes, { flag: 'wx' });
    await hardLink(beside, path);
    return true;
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EEXIST') return false;
    if (!withoutLinks.has(code)) throw error;
    return await createExclusively(path, bytes);
  } finally {
    await rm(beside, { force: true }).catch(() => {}); // a clean-up finds it
  }
}

// EPERM is what Linux says of FAT; ENOSYS and the others come from FUSE and network drives.
const withoutLinks: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV']);

async function createExclusively(path: string, bytes: string | Uint8Array): Promise<boolean> {
  const file = await open(path, 'wx').catch((error: unknown) => {
    if (systemCode(error) === 'EEXIST') return undefined;
    throw error;
  });
  if (!file) return false;
  try {
    await file.writeFile(bytes);
    return true;
  } finally {
    await file.close();
  }
}
