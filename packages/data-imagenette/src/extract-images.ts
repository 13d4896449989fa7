import { createReadStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { plainServices, type Services, StudyError } from '@espalier/core';
import { type Entry, extract, type Header } from 'tar-stream';
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

const imagePath = /^[^/]+\/((?:train|val)\/n\d{8}\/\w[\w.-]*\.(?:jpe?g|png))$/i;

/**
 * Unpacks the images `<any>/{train,val}/<wnid>/*.JPEG` of a gzipped tar file into `folder`, without the first part of
 * their paths; other plain files are passed over.
 *
 * The archive is not trusted: links, devices, paths that leave the folder, files that come twice, and more entries or
 * bytes than `limits` stop it. Nothing is written outside `folder`, and no existing file is overwritten.
 *
 * @returns how many images were written
 * @throws StudyError `archive-unsafe`, `disk-full`, or `file-invalid` when it is no whole gzipped tar file.
 */
export async function extractImages(
  archive: string,
  folder: string,
  limits = usualLimits,
  { progress, signal }: Pick<Services, 'progress' | 'signal'> = plainServices(),
): Promise<number> {
  const unpacked = extract();
  const budget = { fed: 0, explained: 0 };
  const feeding = pipeline(
    createReadStream(archive),
    createGunzip(),
    (chunks: AsyncIterable<Uint8Array>) => bounded(chunks, budget, archive, limits),
    unpacked,
    { signal },
  );
  const writing = writeEntries(unpacked, budget, archive, folder, limits, progress);
  // Both fail together: the one that failed first, which has the reason, is a StudyError or a system error.
  const outcomes = await Promise.allSettled([writing, feeding]);
  signal.throwIfAborted();
  const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
  const reason = reasons.find(StudyError.is) ?? reasons[0];
  if (reason !== undefined) throw StudyError.is(reason) ? reason : explained(reason, archive, folder);
  return writing;
}

interface Budget {
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
    if (++count > limits.entries) throw unsafe(archive, `it has more than ${limits.entries} entries`);
    checkEntry(entry.header, archive, limits);
    budget.explained = budget.fed + entry.header.size;
    const content = await contentOf(entry);
    const path = imagePath.exec(entry.header.name)?.[1];
    if (path === undefined || entry.header.type !== 'file') continue;
    await writeNew(join(folder, path), content, made, archive);
    if (++images % 500 === 0) progress({ done: images, total: usualImages, unit: 'images unpacked' });
  }
  return images;
}

function checkEntry({ name, size, type }: Header, archive: string, { entryBytes }: ExtractLimits): void {
  const isPlain = type === 'file' || type === 'directory';
  if (!isPlain) throw unsafe(archive, `"${name}" is a ${type ?? 'thing of unknown kind'}, not a file or folder`);
  const parts = name.replace(/\/$/, '').split('/');
  const leaves = name.startsWith('/') || /^[a-z]:/i.test(name) || parts.includes('..');
  if (leaves || name.includes('\\') || name.includes('\0')) {
    throw unsafe(archive, `the path ${JSON.stringify(name)} could leave the folder`);
  }
  if (size > entryBytes) throw unsafe(archive, `"${name}" has ${size} bytes, more than ${entryBytes}`);
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
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new StudyError(
    'file-invalid',
    `"${archive}" is not a whole gzipped tar file: ${reason}. Delete it and run again to download it anew.`,
    { cause },
  );
}

function unsafe(archive: string, problem: string): StudyError {
  return new StudyError(
    'archive-unsafe',
    `"${archive}" is not unpacked: ${problem}. An official ImageNette archive has nothing of the kind; delete the file ` +
      'and download it again.',
  );
}
