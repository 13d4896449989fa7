import { createHash } from 'node:crypto';
import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Services, StudyError } from '@espalier/core';
import { fileError, readRegularFile } from '@espalier/files';
import * as z from 'zod';
import { forEachBounded } from '../decoding/bounded-work.ts';
import { type ImageSize, readImage, verifiedSize } from '../decoding/decode.ts';
import { type BadFile, messageOf } from './bad-files.ts';
import { firstOf, mostNamed } from './first-of.ts';
import type { ImageFile } from './image-file.ts';

// What the system says of a file: size in bytes, times of the last change of content and of anything (ms), and inode.
const state = z.tuple([z.number(), z.number(), z.number(), z.number()]);
const entry = z.strictObject({ state, digest: z.string(), height: z.number(), width: z.number() });
// The version is raised when files are verified in another way.
const index = z.strictObject({ version: z.literal(1), files: z.record(z.string(), entry) });

type Entry = z.output<typeof entry>;
type Entries = Readonly<Record<string, Entry>>;

// A file that changes again within the grain of its clock looks unchanged; two seconds are the coarsest, of FAT.
const grainMs = 2000;

/** The content of files, and those that are no whole images. */
export interface FileContents {
  /** SHA-256 of the content, by path. */
  readonly digests: ReadonlyMap<string, string>;
  readonly sizes: ReadonlyMap<string, ImageSize>;
  readonly bad: readonly BadFile[];
}

/**
 * Reads every file once: its digest, its size in pixels, and whether it is a whole image.
 *
 * Like git's index, what was found is remembered in `indexFile` by path, size, times and inode, so that only new and
 * changed files are read again.
 *
 * @throws StudyError `core/data-missing` or `files/unreadable` where a file cannot be looked at
 */
export async function fileContents(
  files: readonly ImageFile[],
  indexFile: string,
  { log, progress, signal }: Pick<Services, 'log' | 'progress' | 'signal'>,
): Promise<FileContents> {
  const known = await readIndex(indexFile);
  const found = new Map<string, Entry>();
  const fresh = new Set<string>();
  const bad: BadFile[] = [];
  const unreadable: StudyError[] = [];
  let [read, done] = [0, 0];
  const readOne = async (file: ImageFile): Promise<void> => {
    const now = await stateOf(file.path);
    const old = known[file.path];
    if (old?.state.every((value, i) => value === now[i])) {
      found.set(file.path, old);
      return;
    }
    read++;
    const content = await readImage(file.path);
    try {
      found.set(file.path, { state: now, digest: sha256(content), ...(await verifiedSize(content)) });
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
  if (read > 0)
    await writeIndex(
      indexFile,
      [...found].filter(([path]) => !fresh.has(path)),
      log,
    );
  return {
    digests: new Map([...found].map(([path, { digest }]) => [path, digest])),
    sizes: new Map([...found].map(([path, { height, width }]) => [path, { height, width }])),
    bad,
  };
}

export function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

async function stateOf(path: string): Promise<Entry['state']> {
  try {
    const { size, mtimeMs, ctimeMs, ino } = await stat(path);
    return [size, mtimeMs, ctimeMs, ino];
  } catch (cause) {
    throw fileError(cause, path, { what: 'a JPEG or PNG image' });
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
    await writeFile(temporary, JSON.stringify({ version: 1, files: Object.fromEntries(entries) }));
    await rename(temporary, path);
  } catch (error) {
    // Nothing is lost but time: the digests are known, and the next run reads the files again.
    log(`File digests cannot be remembered in ${path}: ${messageOf(error)}`);
  }
}
