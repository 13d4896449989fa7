import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Services } from '@espalier/core';
import * as z from 'zod';
import { type BadFile, corrupt, decodeImage, forEachBounded, messageOf } from './decode.ts';
import type { ImageFile } from './image-files.ts';

/** What is remembered of a file that was read: while size and time stay, its content is taken to be the same. */
const entry = z.tuple([z.number(), z.number(), z.string()]);
const index = z.record(z.string(), entry);

type Index = z.output<typeof index>;

/**
 * SHA-256 of the content of every file, by path.
 *
 * Like git's index, digests are remembered in `indexFile` by path, size and modification time, so that only new and
 * changed files are read again. A file that does not end as its format says is decoded to see whether it is whole.
 *
 * @throws StudyError `data-corrupt`, naming all files that are not whole images.
 */
export async function contentDigests(
  files: readonly ImageFile[],
  indexFile: string,
  { log, progress, signal }: Pick<Services, 'log' | 'progress' | 'signal'>,
): Promise<ReadonlyMap<string, string>> {
  const known = await readIndex(indexFile);
  const found = new Map<string, Index[string]>();
  const bad: BadFile[] = [];
  let [read, done] = [0, 0];
  await forEachBounded(files, async (file) => {
    signal.throwIfAborted();
    const { size, mtimeMs } = await stat(file.path);
    const old = known[file.path];
    if (old && old[0] === size && old[1] === mtimeMs) found.set(file.path, old);
    else {
      const content = await readFile(file.path);
      const problem = endsWhole(content) ? undefined : await decodingProblem(content);
      if (problem) bad.push({ file, problem });
      else found.set(file.path, [size, mtimeMs, createHash('sha256').update(content).digest('hex')]);
      read++;
    }
    if (++done % 500 === 0 && read > 0) progress({ done, total: files.length, unit: 'files checked' });
  });
  if (bad.length > 0) throw corrupt(bad);
  if (read > 0) await writeIndex(indexFile, Object.fromEntries(found), log);
  return new Map([...found].map(([path, [, , digest]]) => [path, digest]));
}

// A JPEG ends with an end-of-image marker, a PNG with an IEND chunk; some writers add a few bytes of padding.
function endsWhole(content: Uint8Array): boolean {
  const tail = Buffer.from(content.subarray(-64));
  const isJpeg = content[0] === 0xff && content[1] === 0xd8;
  const isPng = content[0] === 0x89 && content[1] === 0x50;
  return (isJpeg && tail.includes(Buffer.of(0xff, 0xd9))) || (isPng && tail.includes('IEND'));
}

async function decodingProblem(content: Uint8Array): Promise<string | undefined> {
  if (content.length === 0) return 'the file is empty';
  try {
    await decodeImage(content);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

async function readIndex(path: string): Promise<Index> {
  try {
    return index.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return {}; // absent or damaged: everything is read again
  }
}

async function writeIndex(path: string, content: Index, log: Services['log']): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, JSON.stringify(content));
    await rename(temporary, path);
  } catch (error) {
    // Nothing is lost but time: the digests are known, and the next run reads the files again.
    log(`File digests cannot be remembered in ${path}: ${messageOf(error)}`);
  }
}
