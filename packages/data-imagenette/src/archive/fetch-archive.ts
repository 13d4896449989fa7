import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Services, StudyError } from '@espalier/core';
import { fileError } from '@espalier/files';
import type { Archive } from './archives.ts';
import { download } from './download.ts';
import { extractImages, usualLimits } from './extract-images.ts';
import { withLock } from './folder-lock.ts';

const dayMs = 24 * 60 * 60 * 1000;

/**
 * The folder of an archive's images below `folder`, downloaded and unpacked there unless it is already.
 *
 * The images appear all at once: a killed run leaves a partial download, which the next one continues, and perhaps an
 * unfinished folder, which is removed when it is a day old.
 *
 * @throws StudyError `data-imagenette/download-failed`, `data-imagenette/archive-unsafe`, `files/invalid`, `files/unreadable` or `files/disk-full`; `core/not-downloaded` where nothing may be fetched
 */
export async function fetchArchive(
  archive: Archive,
  folder: string,
  services: Pick<Services, 'log' | 'progress' | 'signal' | 'offline'>,
): Promise<string> {
  const target = join(folder, archive.name);
  if (existsSync(target)) return target;
  if (services.offline) throw new StudyError('core/not-downloaded', `a run downloads ${archive.url} first`);
  try {
    return await fetchOnce(archive, folder, target, services);
  } catch (cause) {
    services.signal.throwIfAborted();
    if (!(cause instanceof Error && 'syscall' in cause && 'path' in cause)) throw cause;
    const advice = 'Make it writable, or unpack the archive yourself and set the option "folder".';
    throw fileError(cause, String(cause.path), { what: 'a place in the cache folder for the archive', advice });
  }
}

async function fetchOnce(
  archive: Archive,
  folder: string,
  target: string,
  services: Pick<Services, 'log' | 'progress' | 'signal'>,
): Promise<string> {
  return withLock(`${target}.lock`, services, async () => {
    if (existsSync(target)) return target; // another process was faster
    const file = `${target}.tgz`;
    if (!existsSync(file)) {
      services.log(`Downloading ${archive.url}`);
      await download(archive, file, services);
    }
    await unpack(archive, file, folder, target, services);
    await rm(file, { force: true });
    return target;
  });
}

async function unpack(
  archive: Archive,
  file: string,
  folder: string,
  target: string,
  services: Pick<Services, 'log' | 'progress' | 'signal'>,
): Promise<void> {
  const prefix = `${archive.name}.unpacking-`;
  await removeOld(folder, prefix);
  const unfinished = await mkdtemp(join(folder, prefix));
  try {
    services.log(`Unpacking ${file}`);
    if ((await extractImages(file, unfinished, usualLimits, services)) === 0) {
      throw new StudyError(
        'files/invalid',
        `"${file}" holds no images below train/ and val/. Delete it and run again.`,
      );
    }
    await rename(unfinished, target);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
}

async function removeOld(folder: string, prefix: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (!name.startsWith(prefix) || Date.now() - (await stat(path)).mtimeMs < dayMs) continue;
    await rm(path, { recursive: true, force: true });
  }
}
