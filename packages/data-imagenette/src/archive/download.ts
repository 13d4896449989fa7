import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { type Services, StudyError } from '@espalier/core';
import { fileError, isMissing, kindOf, notRegular } from '@espalier/files';
import type { Archive } from './archives.ts';

const attempts = 5;
const mebibyte = 2 ** 20;

/**
 * Downloads `archive` to the file `target` and checks its MD5; what is already there of `<target>.partial` is kept.
 *
 * A broken connection is taken up again where it broke (HTTP Range), five times in a row at most; a run that is
 * stopped or killed continues in the next one.
 *
 * @param firstPauseMs pause before the second try; doubled before each further one
 * @throws StudyError `data-imagenette/download-failed` when the server cannot be reached, refuses, or gives another file;
 *   `files/disk-full`; `files/unreadable` where the file cannot be written.
 */
export async function download(
  archive: Archive,
  target: string,
  services: Pick<Services, 'log' | 'progress' | 'signal'>,
  firstPauseMs = 1000,
): Promise<void> {
  const partial = `${target}.partial`;
  const wasBegun = (await sizeOf(partial)) > 0;
  await fetchAll(archive, partial, services, firstPauseMs);
  const found = await md5Of(partial);
  if (found !== archive.md5) {
    await rm(partial, { force: true });
    if (wasBegun) return download(archive, target, services, firstPauseMs); // the kept beginning was of another file
    throw new StudyError(
      'data-imagenette/download-failed',
      `${archive.url} must have the MD5 ${archive.md5}; the downloaded file has ${found} and was deleted. ${wayOut}`,
      { transient: true },
    );
  }
  await rename(partial, target);
}

const wayOut =
  'Run again, or unpack the archive yourself and set the option "folder" to its folder with train/ and val/.';

async function fetchAll(
  archive: Archive,
  partial: string,
  services: Pick<Services, 'log' | 'progress' | 'signal'>,
  firstPauseMs: number,
): Promise<void> {
  let failures = 0;
  for (;;) {
    const before = await sizeOf(partial);
    try {
      return await fetchRest(archive, partial, before, services);
    } catch (error) {
      services.signal.throwIfAborted();
      if (StudyError.is(error)) throw error;
      const size = await sizeOf(partial);
      failures = size > before ? 1 : failures + 1;
      if (failures >= attempts) throw unreachable(archive, size, error);
      services.log(`${archive.url}: ${reasonOf(error)}; trying again from ${inMebibytes(size)}`);
      await delay(firstPauseMs * 2 ** (failures - 1), undefined, { signal: services.signal });
    }
  }
}

/** Appends what is missing of the archive. Throws a plain error where trying again may help. */
async function fetchRest(
  archive: Archive,
  partial: string,
  start: number,
  { progress, signal }: Pick<Services, 'progress' | 'signal'>,
): Promise<void> {
  const response = await fetch(archive.url, {
    signal,
    headers: { 'accept-encoding': 'identity', ...(start > 0 && { range: `bytes=${start}-` }) },
  });
  if (response.status === 416) return discard(response); // nothing is left to send: the checksum decides
  if (response.status >= 500 || response.status === 429) {
    await discard(response);
    throw new Error(`the server answered ${response.status}`);
  }
  if (!response.ok || !response.body) {
    await discard(response);
    throw new StudyError(
      'data-imagenette/download-failed',
      `${archive.url}: the server answered ${response.status}. ${wayOut}`,
      {
        transient: true,
      },
    );
  }
  // A server that ignores the range sends the file from its start.
  const resumed = response.status === 206 && response.headers.get('content-range')?.startsWith(`bytes ${start}-`);
  const from = resumed ? start : 0;
  const total = from + announcedBytes(response);
  const file = await written(partial, () => open(partial, resumed ? 'a' : 'w'));
  let done = from;
  try {
    let reported = -1;
    for await (const chunk of response.body) {
      await written(partial, () => file.appendFile(chunk));
      done += chunk.byteLength;
      if (Math.floor(done / mebibyte) === reported) continue;
      reported = Math.floor(done / mebibyte);
      progress({
        done: reported,
        total: Math.ceil(total / mebibyte),
        unit: 'MiB',
        note: `downloading ${archive.name}`,
      });
    }
  } finally {
    await written(partial, () => file.close());
  }
  if (done < total) throw new Error(`the connection ended after ${inMebibytes(done)} of ${inMebibytes(total)}`);
}

/** What the server says that it sends; 0 where it says nothing that is a number. */
function announcedBytes({ headers }: Response): number {
  const text = headers.get('content-length') ?? '';
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}

const place = {
  what: 'a place for the archive',
  advice: 'Make it writable, or unpack the archive yourself and set the option "folder".',
};

/** What the disk does not take is no failure of the server: another try would end in the same way. */
async function written<Value>(path: string, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (cause) {
    const error = fileError(cause, path, place);
    throw error.code === 'files/disk-full' ? diskFull(path, cause) : error;
  }
}

/** The error of a disk that filled up while `path` was written. */
export function diskFull(path: string, cause: unknown): StudyError {
  return new StudyError(
    'files/disk-full',
    `There is no room left on the disk of "${path}". Make room, or choose a cache folder on another disk; ` +
      'the run continues where it stopped.',
    { cause },
  );
}

async function discard(response: Response): Promise<void> {
  await response.body?.cancel();
}

function unreachable(archive: Archive, size: number, cause: unknown): StudyError {
  return new StudyError(
    'data-imagenette/download-failed',
    `${archive.url} could not be downloaded in ${attempts} tries: ${reasonOf(cause)}. ` +
      `${inMebibytes(size)} are kept, and the next run continues from there. ${wayOut}`,
    { cause, transient: true },
  );
}

/** fetch says only "fetch failed"; its cause knows why. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message || error.name;
}

function inMebibytes(bytes: number): string {
  return `${(bytes / mebibyte).toFixed(1)} MiB`;
}

async function sizeOf(path: string): Promise<number> {
  try {
    const stats = await stat(path);
    // A device takes bytes or refuses them at once; what is at hand here may wait for ever.
    if (!stats.isFile() && !stats.isCharacterDevice())
      throw notRegular(path, kindOf(stats), { ...place, advice: 'Remove it, then run again.' });
    return stats.size;
  } catch (cause) {
    if (isMissing(cause)) return 0;
    throw fileError(cause, path, place);
  }
}

async function md5Of(path: string): Promise<string> {
  const hash = createHash('md5');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array); // a stream without encoding
  return hash.digest('hex');
}
