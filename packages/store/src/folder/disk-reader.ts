import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  type Stats,
  statSync,
} from 'node:fs';
import { readFlags } from '@espalier/files';

/**
 * The one way in which a store is read; a test may put a failing disk in its place. Everything throws what the system
 * says.
 */
export interface DiskReader {
  /** What is at `path` itself, not where a link leads. */
  about(path: string): Stats;
  /** What is at `path`, or where it leads. */
  target(path: string): Stats;
  entries(folder: string): readonly Dirent[];
  /** The bytes of a file of at most `most` bytes, else undefined. */
  bytes(path: string, most: number): Buffer | undefined;
  /** SHA-256 of a file of any size. */
  sha256(path: string): string;
}

// Most of what is read is small and there is much of it: the way to a thread and back would cost more than the reading.
/** The disk of this machine, to be read. */
export const diskReader: DiskReader = {
  about: (path) => lstatSync(path),
  target: (path) => statSync(path),
  entries: (folder) => readdirSync(folder, { withFileTypes: true }),
  bytes: (path, most) =>
    opened(path, (file) => {
      const { size } = fstatSync(file);
      if (size > most) return undefined;
      const bytes = Buffer.allocUnsafe(size);
      const length = filled(file, bytes);
      return length === size ? bytes : bytes.subarray(0, length);
    }),
  sha256: (path) =>
    opened(path, (file) => {
      const hash = createHash('sha256');
      const piece = Buffer.allocUnsafe(2 ** 20);
      for (let length = filled(file, piece); length > 0; length = filled(file, piece)) {
        hash.update(piece.subarray(0, length));
      }
      return hash.digest('hex');
    }),
};

// A link in a store may lead anywhere. Windows has no such flag.
const openFlags = readFlags | (constants.O_NOFOLLOW ?? 0);

function opened<Value>(path: string, read: (file: number) => Value): Value {
  const file = openSync(path, openFlags);
  try {
    return read(file);
  } finally {
    closeSync(file);
  }
}

/** Reads until `bytes` are full or the file is at its end; returns how many came. */
function filled(file: number, bytes: Buffer): number {
  let length = 0;
  while (length < bytes.length) {
    const read = readSync(file, bytes, length, bytes.length - length, null);
    if (read === 0) break;
    length += read;
  }
  return length;
}
