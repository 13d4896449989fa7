import { createHash } from 'node:crypto';
import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Services, StudyError } from '@espalier/core';
import { fileError, readRegularFile } from '@espalier/files';
import * as z from 'zod';
import { forEachBounded } from '../decoding/bounded-work.ts';
import {
  type ImageHeader,
  type ImageSize,
  readImage,
  readSize,
  sizeProblem,
  verifiedHeader,
} from '../decoding/decode.ts';
import type { Reading } from '../decoding/reading.ts';
import { firstOf, messageOf, mostNamed } from '../listing/first-of.ts';
import type { ImageFile } from '../listing/image-file.ts';
import type { BadFile } from './bad-files.ts';

// What the system says of a file: size in bytes, times of the last change of content and of anything (ms), and inode.
const state = z.tuple([z.number(), z.number(), z.number(), z.number()]);
const header = { height: z.number(), width: z.number(), pages: z.number(), orientation: z.number() };
const entry = z.strictObject({ state, digest: z.string(), ...header });
// The version is raised when files are verified in another way.
const indexVersion = 2;
const index = z.strictObject({ version: z.literal(indexVersion), files: z.record(z.string(), entry) });

type Entry = z.output<typeof entry>;
type Entries = Readonly<Record<string, Entry>>;

// A file that changes again within the grain of its clock looks unchanged; two seconds are the coarsest, of FAT.
const grainMs = 2000;

/** The content of files, and those that are no whole images. */
export interface FileContents {
  /** SHA-256 of the content, by path. */
  readonly digests: ReadonlyMap<string, string>;
  /** As they are read, by path. */
  readonly sizes: ReadonlyMap<string, ImageSize>;
  readonly headers: ReadonlyMap<string, ImageHeader>;
  readonly bad: readonly BadFile[];
}

/** Which files are read, and how. */
export interface ReadFiles {
  readonly files: readonly ImageFile[];
  readonly reading: Reading;
  /** Where what was found is remembered. */
  readonly indexFile: string;
  /** What is wrong with a whole image of this size, as a clause. */
  readonly unfit?: (size: ImageSize) => string | undefined;
}

/**
 * Reads every file once: its digest, its size in pixels, and whether it is a whole image.
 *
 * Like git's index, what was found is remembered by path, size, times and inode, so that only new and
 * changed files are read again.
 *
 * @throws StudyError `core/data-missing` or `files/unreadable` where a file cannot be looked at
 */
export async function fileContents(
  { files, reading, indexFile, unfit = () => undefined }: ReadFiles,
  { log, progress, signal }: Pick<Services, 'log' | 'progress' | 'signal'>,
): Promise<FileContents> {
  const known = await readIndex(indexFile);
  const found = new Map<string, Entry>();
  const fresh = new Set<string>();
  const bad: BadFile[] = [];
  const unreadable: StudyError[] = [];
  let [read, done] = [0, 0];
  const keep = (file: ImageFile, entry: Entry): void => {
    found.set(file.path, entry);
    const problem = sizeProblem(entry, reading) ?? unfit(readSize(entry, reading));
    if (problem !== undefined) bad.push({ file, problem });
  };
  const readOne = async (file: ImageFile): Promise<void> => {
    const now = await stateOf(file.path, reading);
    const old = known[file.path];
    if (old?.state.every((value, i) => value === now[i])) return keep(file, old);
    read++;
    const content = await readImage(file.path, reading);
    try {
      keep(file, { state: now, digest: sha256(content), ...(await verifiedHeader(content, reading)) });
    } catch (error) {
      bad.push({ file, problem: messageOf(error) });
    }
    if (Math.abs(Date.now() - Math.max(now[1], now[2])) < grainMs) fresh.add(file.path);
  };
  await forEachBounded(files, async (file) => {
    signal.throwIfAborted();
    try {
      await readOne(file);
    } catch (error) {
      if (!StudyError.is(error)) throw error;
      unreadable.push(error);
    }
    if (++done % 500 === 0 && read > 0) progress({ done, total: files.length, unit: 'files checked' });
  });
  if (unreadable.length > 0) throw allOf(unreadable);
  if (read > 0) {
    const asked = new Set(files.map(({ path }) => path));
    const others = Object.entries(known).filter(([path]) => !asked.has(path));
    const lasting = [...found].filter(([path]) => !fresh.has(path));
    await writeIndex(indexFile, [...others, ...lasting], log);
  }
  return {
    digests: new Map([...found].map(([path, { digest }]) => [path, digest])),
    sizes: new Map([...found].map(([path, entry]) => [path, readSize(entry, reading)])),
    headers: found,
    bad,
  };
}

export function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

async function stateOf(path: string, { formats }: Reading): Promise<Entry['state']> {
  try {
    const { size, mtimeMs, ctimeMs, ino } = await stat(path);
    return [size, mtimeMs, ctimeMs, ino];
  } catch (cause) {
    throw fileError(cause, path, { what: `a ${formats.words} image` });
  }
}

/** Several errors of the same kind as one. */
function allOf(errors: readonly StudyError[]): StudyError {
  const [first] = errors;
  if (errors.length === 1) return first!;
  const texts = errors.map(({ message }) => `  ${message}`).sort();
  return new StudyError(
    first!.code,
    `${errors.length} files cannot be read:\n${firstOf(texts, mostNamed, '\n', '  ')}`,
    { cause: first },
  );
}

async function readIndex(path: string): Promise<Entries> {
  try {
    return index.parse(JSON.parse((await readRegularFile(path, { what: 'file digests' })).toString('utf8'))).files;
  } catch {
    return {}; // absent or damaged: everything is read again
  }
}

async function writeIndex(
  path: string,
  entries: readonly (readonly [string, Entry])[],
  log: Services['log'],
): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, JSON.stringify({ version: indexVersion, files: Object.fromEntries(entries) }));
    await rename(temporary, path);
  } catch (error) {
    // Nothing is lost but time: the digests are known, and the next run reads the files again.
    log(`File digests cannot be remembered in ${path}: ${messageOf(error)}`);
  }
}
