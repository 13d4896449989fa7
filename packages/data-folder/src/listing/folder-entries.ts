import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { StudyError } from '@espalier/core';
import {
  fileError,
  fileFormat,
  formatBytes,
  isMissing,
  kindOf,
  notRegular,
  readHeadSync,
  shownPath,
} from '@espalier/files';
import { isClutter } from './clutter.ts';
import { byCodePoints } from './code-points.ts';
import { firstOf } from './first-of.ts';

/** What stands in a folder; links are what they lead to. */
export interface FolderEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'other';
  /** With its article: `a folder`, `a pipe (FIFO)`. */
  readonly words: string;
  readonly isLink: boolean;
}

/** What a folder holds. */
export interface FolderContent {
  /** Sorted by name (code points), without clutter. */
  readonly entries: readonly FolderEntry[];
  /** Names that systems and programs leave behind, and hidden ones. */
  readonly clutter: readonly string[];
}

/**
 * What a folder holds; undefined where there is no such folder.
 *
 * @param what the folder is for, with its article
 * @throws StudyError `files/unreadable` where it cannot be looked at, is no folder, or holds names that are not UTF-8
 */
export function contentOf(folder: string, what: string): FolderContent | undefined {
  try {
    const all = readdirSync(folder, { withFileTypes: true });
    const kept = all.filter(({ name }) => !isClutter(name));
    expectUtf8(folder, kept);
    return {
      entries: kept.map((entry) => entryOf(folder, entry)).sort((a, b) => byCodePoints(a.name, b.name)),
      clutter: all
        .map(({ name }) => name)
        .filter(isClutter)
        .sort(byCodePoints),
    };
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    if (isNoFolder(cause)) throw notAFolder(folder, what);
    throw fileError(cause, folder, { what });
  }
}

function entryOf(folder: string, entry: Dirent): FolderEntry {
  const { name } = entry;
  const isLink = entry.isSymbolicLink();
  if (entry.isFile()) return { name, kind: 'file', words: 'a file', isLink };
  if (entry.isDirectory()) return { name, kind: 'folder', words: 'a folder', isLink };
  try {
    const stats = statSync(join(folder, name));
    if (stats.isFile()) return { name, kind: 'file', words: 'a file', isLink };
    return { name, kind: stats.isDirectory() ? 'folder' : 'other', words: kindOf(stats), isLink };
  } catch (cause) {
    if (isMissing(cause)) return { name, kind: 'other', words: 'a link that leads to nothing', isLink };
    throw fileError(cause, join(folder, name), { what: 'an image or a folder' });
  }
}

// Node reads names as UTF-8 and puts U+FFFD for what is none: a path with it leads nowhere.
function expectUtf8(folder: string, entries: readonly Dirent[]): void {
  if (!entries.some(({ name }) => name.includes('\ufffd'))) return;
  const names = readdirSync(folder, { encoding: 'buffer' });
  const wrong = names.filter((name) => !name.equals(Buffer.from(name.toString('utf8')))).map(escaped);
  if (wrong.length === 0) return;
  throw new StudyError(
    'files/unreadable',
    `Expected names in UTF-8 in the folder ${shownPath(folder)}; found ${wrong.length} in another encoding: ` +
      `${firstOf(wrong, 10)}. Rename them, for example with "convmv -f latin1 -t utf8 -r --notest".`,
  );
}

/** A name as ASCII, with each other byte as `\xe9`. */
function escaped(name: Buffer): string {
  const text = name.toString('latin1');
  return `"${text.replace(/[^ -~]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`)}"`;
}

function isNoFolder(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOTDIR';
}

/** What stands where a folder should, said by its first bytes. */
function notAFolder(path: string, what: string): StudyError {
  const format = formatOf(path);
  const found = format?.words ?? 'something that is no folder';
  const advice = format?.advice ?? 'name the folder itself';
  const sentence = `${advice[0]!.toUpperCase()}${advice.slice(1)}.`;
  return notRegular(path, found, { what, advice: sentence });
}

function formatOf(path: string): ReturnType<typeof fileFormat> {
  try {
    return fileFormat(readHeadSync(path, formatBytes, { what: 'a file' }));
  } catch {
    return undefined; // that it is no folder is said without it
  }
}
