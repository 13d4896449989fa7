import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import { type FilePurpose, fileError, notRegular, tooLarge } from './file-error.ts';

/** What a file is read for, and how large it may be. */
export interface ReadOptions extends FilePurpose {
  /** Most bytes that are read: a larger file is refused. Without it, what one array can hold. */
  readonly most?: number | undefined;
}

/**
 * How to open what is only read: opening a FIFO would wait for its writer, and some devices wait for a carrier. The system has
 * no such flag on Windows.
 */
export const readFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

// Node refuses a longer array: buffer.constants.MAX_LENGTH is larger, but one read takes at most 2 GiB.
const longestRead = 2 ** 31 - 4096;

/**
 * All bytes of a regular file. Links are followed.
 *
 * @param most bytes; what grows beyond while it is read is refused, too
 * @throws StudyError `core/data-missing` where nothing is there; `files/unreadable` where it is no regular file, is larger than `most`,
 *   or the system does not give it
 */
export async function readRegularFile(path: string, options: ReadOptions): Promise<Buffer> {
  try {
    const file = await open(path, readFlags);
    try {
      const bytes = Buffer.allocUnsafeSlow(sizeOf(await file.stat(), path, options));
      let filled = 0;
      while (filled < bytes.length) {
        const { bytesRead } = await file.read(bytes, filled, Math.min(longestRead, bytes.length - filled), filled);
        if (bytesRead === 0) break; // it has been cut since
        filled += bytesRead;
      }
      return bytes.subarray(0, filled);
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw fileError(cause, path, options);
  }
}

/** As `readRegularFile`, at once: for small files, where the way to a thread and back costs more than the reading. */
export function readRegularFileSync(path: string, options: ReadOptions): Buffer {
  return whileOpen(path, options, (file, size) => {
    const bytes = Buffer.allocUnsafeSlow(size);
    let filled = 0;
    while (filled < size) {
      const read = readSync(file, bytes, filled, Math.min(longestRead, size - filled), filled);
      if (read === 0) break;
      filled += read;
    }
    return bytes.subarray(0, filled);
  });
}

/**
 * The first bytes of a regular file, at most `count`: what tells its format.
 *
 * @throws StudyError as `readRegularFile`
 */
export function readHeadSync(path: string, count: number, purpose: FilePurpose): Buffer {
  return whileOpen(path, purpose, (file) => {
    const head = Buffer.alloc(count);
    return head.subarray(0, readSync(file, head, 0, count, 0));
  });
}

function whileOpen(path: string, options: ReadOptions, read: (file: number, size: number) => Buffer): Buffer {
  try {
    const file = openSync(path, readFlags);
    try {
      return read(file, sizeOf(fstatSync(file), path, options));
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw fileError(cause, path, options);
  }
}

/** Bytes to read of what is open. */
function sizeOf(stats: Stats, path: string, options: ReadOptions): number {
  if (!stats.isFile()) throw notRegular(path, kindOf(stats), options);
  const most = options.most ?? 2 ** 32;
  if (stats.size > most) throw tooLarge(path, stats.size, most, options);
  return stats.size;
}

/** What something that is no regular file is, with its article. */
export function kindOf(stats: Pick<Stats, 'isDirectory' | 'isFIFO' | 'isSocket' | 'isSymbolicLink'>): string {
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a pipe (FIFO)';
  if (stats.isSocket()) return 'a socket';
  return stats.isSymbolicLink() ? 'a link' : 'a device';
}
