import { createReadStream } from 'node:fs';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { plainServices, type Services, StudyError } from '@espalier/core';
import { fileError, kindOf, notRegular } from '@espalier/files';
import { type Entry, extract, type Headers } from 'tar-stream';
import { diskFull } from './download.ts';
import { isCode } from './folder-lock.ts';

/** What an archive may hold at most. */
export interface ExtractLimits {
  readonly entries: number;
  /** Bytes of one file. */
  readonly entryBytes: number;
  /** Bytes of the unpacked archive, headers included. */
  readonly totalBytes: number;
}

/** Twice what the largest official archive holds. */
export const usualLimits: ExtractLimits = { entries: 30_000, entryBytes: 64 * 2 ** 20, totalBytes: 4 * 2 ** 30 };

// Every official archive holds as many images.
const usualImages = 13_394;

// Long names come as extra blocks that tar-stream gathers in memory; no honest archive has this much of them in a row.
const largestMetadata = 2 ** 20;

// No disk and no network drive that works takes as long for one piece.
const stallSeconds = 60;

const imagePath = /^[^/]+\/((?:train|val)\/n\d{8}\/\w[\w.-]*\.(?:jpe?g|png))$/i;

/**
 * Unpacks the images `<any>/{train,val}/<wnid>/*.JPEG` of a gzipped tar file into `folder`, without the first part of
 * their paths; other plain files are passed over.
 *
 * The archive is not trusted: links, devices, paths that leave the folder, files that come twice, and more entries or
 * bytes than `limits` stop it. Nothing is written outside `folder`, and no existing file is overwritten.
 *
 * @returns how many images were written
 * @throws StudyError `data-imagenette/archive-unsafe`, `files/disk-full`, or `files/invalid` when it is no whole gzipped tar file.
 */
export async function extractImages(
  archive: string,
  folder: string,
  limits = usualLimits,
  { progress, signal }: Pick<Services, 'progress' | 'signal'> = plainServices(),
): Promise<number> {
  await expectRegular(archive);
  const unpacked = extract();
  const budget = { fed: 0, explained: 0, entries: 0 };
  const stalled = new AbortController();
  const feeding = pipeline(
    createReadStream(archive),
    createGunzip(),
    (chunks: AsyncIterable<Uint8Array>) => bounded(chunks, budget, archive, limits),
    unpacked,
    { signal: AbortSignal.any([signal, stalled.signal]) },
  );
  const writing = writeEntries(unpacked, budget, archive, folder, limits, progress);
  const watch = watchFor(budget, () => stalled.abort());
  // Both fail together: the one that failed first, which has the reason, is a StudyError or a system error.
  const outcomes = await Promise.allSettled([writing, feeding]);
  clearInterval(watch);
  signal.throwIfAborted();
  if (stalled.signal.aborted) throw unsafe(archive, `nothing of it came for ${stallSeconds} seconds`);
  const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
  const reason = reasons.find(StudyError.is) ?? reasons[0];
  if (reason !== undefined) throw StudyError.is(reason) ? reason : explained(reason, archive, folder);
  return writing;
}

/** Calls `stop` when nothing has moved for {@link stallSeconds}, counted in ticks, so that a stopped process counts none. */
function watchFor(budget: Budget, stop: () => void): NodeJS.Timeout {
  let [still, before] = [0, -1];
  return setInterval(() => {
    const now = budget.fed + budget.entries;
    still = now === before ? still + 1 : 0;
    before = now;
    if (still >= stallSeconds) stop();
  }, 1000);
}

/** A pipe, a device or a folder would never end, or never begin. */
async function expectRegular(archive: string): Promise<void> {
  const purpose = { what: 'an archive of images', advice: 'Delete it and run again to download it anew.' };
  try {
    const stats = await stat(archive);
    if (!stats.isFile()) throw notRegular(archive, kindOf(stats), purpose);
  } catch (cause) {
    throw fileError(cause, archive, purpose);
  }
}

interface Budget {
  /** Entries begun so far. */
  entries: number;
  /** Unpacked bytes handed to the tar reader so far. */
  fed: number;
  /** How many of them the entry at hand accounts for, with all before it. */
  explained: number;
}

async function* bounded(
  chunks: AsyncIterable<Uint8Array>,
  budget: Budget,
  archive: string,
  limits: ExtractLimits,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    budget.fed += chunk.byteLength;
    if (budget.fed > limits.totalBytes) throw unsafe(archive, `it unpacks to more than ${limits.totalBytes} bytes`);
    if (budget.fed - budget.explained > largestMetadata) {
      throw unsafe(archive, `it holds more than ${largestMetadata} bytes between two files`);
    }
    yield chunk;
  }
}

async function writeEntries(
  entries: AsyncIterable<Entry>,
  budget: Budget,
  archive: string,
  folder: string,
  limits: ExtractLimits,
  progress: Services['progress'],
): Promise<number> {
  const made = new Set<string>();
  let [count, images] = [0, 0];
  for await (const entry of entries) {
    budget.entries = ++count;
    if (count > limits.entries) throw unsafe(archive, `it has more than ${limits.entries} entries`);
    budget.explained = budget.fed + sizeOf(entry.header, archive, limits);
    const content = await contentOf(entry);
    const path = imagePath.exec(entry.header.name)?.[1];
    if (path === undefined || entry.header.type !== 'file') continue;
    await writeNew(join(folder, path), content, made, archive);
    if (++images % 500 === 0) progress({ done: images, total: usualImages, unit: 'images unpacked' });
  }
  return images;
}

/** Bytes of an entry, once it is known to be harmless. */
function sizeOf({ name, size = Number.NaN, type }: Headers, archive: string, { entryBytes }: ExtractLimits): number {
  // A size that is none would leave the reader waiting for ever; so would the content of a folder, which nobody reads.
  const isSize = Number.isSafeInteger(size) && size >= 0;
  if (!isSize) throw unsafe(archive, `the size of ${JSON.stringify(name)} is no number of bytes`);
  if (type === 'directory' && size > 0) throw unsafe(archive, `the folder ${JSON.stringify(name)} has ${size} bytes`);
  const isPlain = type === 'file' || type === 'directory';
  if (!isPlain) throw unsafe(archive, `"${name}" is a ${type ?? 'thing of unknown kind'}, not a file or folder`);
  const parts = name.replace(/\/$/, '').split('/');
  const leaves = name.startsWith('/') || /^[a-z]:/i.test(name) || parts.includes('..');
  if (leaves || name.includes('\\') || name.includes('\0')) {
    throw unsafe(archive, `the path ${JSON.stringify(name)} could leave the folder`);
  }
  if (size > entryBytes) throw unsafe(archive, `"${name}" has ${size} bytes, more than ${entryBytes}`);
  return size;
}

async function contentOf(entry: Entry): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of entry) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function writeNew(path: string, content: Uint8Array, made: Set<string>, archive: string): Promise<void> {
  const parent = dirname(path);
  if (!made.has(parent)) await mkdir(parent, { recursive: true });
  made.add(parent);
  try {
    await writeFile(path, content, { flag: 'wx' });
  } catch (cause) {
    if (isCode(cause, 'EEXIST')) throw unsafe(archive, `"${path}" comes twice`);
    throw cause;
  }
}

function explained(cause: unknown, archive: string, folder: string): unknown {
  if (isCode(cause, 'ENOSPC')) return diskFull(folder, cause);
  const isOfSystem = cause instanceof Error && 'syscall' in cause && 'path' in cause;
  if (isOfSystem) return fileError(cause, String(cause.path), { what: 'an unpacked image or its archive' });
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new StudyError(
    'files/invalid',
    `"${archive}" is not a whole gzipped tar file: ${reason}. Delete it and run again to download it anew.`,
    { cause },
  );
}

function unsafe(archive: string, problem: string): StudyError {
  return new StudyError(
    'data-imagenette/archive-unsafe',
    `"${archive}" is not unpacked: ${problem}. An official ImageNette archive has nothing of the kind; delete the file ` +
      'and download it again.',
  );
}
