import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { type DiskReader, diskReader } from '../src/index.ts';

/** What a disk or a network may make of the bytes of a record or a blob. */
export const byteDamages: ReadonlyMap<string, (bytes: Buffer) => Buffer> = new Map(
  Object.entries<(bytes: Buffer) => Buffer>({
    'one flipped bit'(bytes) {
      const flipped = Buffer.from(bytes);
      flipped[bytes.length >> 1]! ^= 1;
      return flipped;
    },
    'zeros of the same size': (bytes) => Buffer.alloc(bytes.length),
    'cut in half': (bytes) => bytes.subarray(0, bytes.length >> 1),
    empty: () => Buffer.alloc(0),
    'longer by one': (bytes) => Buffer.concat([bytes, Buffer.from('}')]),
  }),
);

/** What may stand in the place of a file; whoever writes the file replaces it. `away` is a free path elsewhere. */
export const misfits: ReadonlyMap<string, (path: string, away: string) => void | Promise<void>> = new Map([
  ['nothing', (path) => rmSync(path)],
  ['a link to a good copy', moved((path, away) => symlinkSync(away, path))],
  ['a link to nothing', moved((path) => symlinkSync('nowhere', path))],
  ['a link to itself', moved((path) => symlinkSync(basename(path), path))],
  ['a link to a folder', moved((path) => symlinkSync(dirname(path), path))],
  ['a pipe', moved((path) => void execFileSync('mkfifo', [path]))],
  ['a socket', moved(socketAt)],
  ['5 GiB of nothing', (path) => truncateSync(path, 5 * 2 ** 30)],
]);

/** What may stand in the place of a folder, and stops whoever meets it. */
export const folderMisfits: ReadonlyMap<string, (path: string, away: string) => void | Promise<void>> = new Map([
  ['a link to where it was moved', moved((path, away) => symlinkSync(away, path))],
  ['a link to nothing', moved((path) => symlinkSync('nowhere', path))],
  ['a link to itself', moved((path) => symlinkSync(basename(path), path))],
  ['a file', moved((path) => writeFileSync(path, 'in the way'))],
  ['a pipe', moved((path) => void execFileSync('mkfifo', [path]))],
]);

/** Errors of a disk that says anything but that nothing is there. */
export const readErrors = ['EIO', 'ESTALE', 'EACCES', 'ENOTDIR'] as const;

/** A disk that fails with `code` for the paths that `isBad` names. */
export function failingDisk(code: string, isBad: (path: string) => boolean): DiskReader {
  const failing =
    <Rest extends unknown[], Value>(read: (path: string, ...rest: Rest) => Value) =>
    (path: string, ...rest: Rest): Value => {
      if (isBad(path)) throw Object.assign(new Error(`${code}: made to fail, '${path}'`), { code });
      return read(path, ...rest);
    };
  return {
    about: failing(diskReader.about),
    target: failing(diskReader.target),
    entries: failing(diskReader.entries),
    bytes: failing(diskReader.bytes),
    sha256: failing(diskReader.sha256),
  };
}

/** Damages the bytes of a file. */
export function damageBytes(path: string, damage: (bytes: Buffer) => Buffer): void {
  writeFileSync(path, damage(readFileSync(path)));
}

function moved(
  put: (path: string, away: string) => void | Promise<void>,
): (path: string, away: string) => void | Promise<void> {
  return (path, away) => {
    renameSync(path, away);
    return put(path, away);
  };
}

// The path of a socket may have a hundred characters at most.
async function socketAt(path: string): Promise<void> {
  const short = join(tmpdir(), `s${process.pid}`);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(short, resolve));
  renameSync(short, path);
  mkdirSync(short); // closing removes the path that was listened on
  await new Promise((resolve) => server.close(resolve));
  rmSync(short, { recursive: true, force: true });
}
