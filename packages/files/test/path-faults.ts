import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { StudyError } from '@espalier/core';

/** Something that a path may lead to in place of what it should. */
export interface PathFault {
  readonly name: string;
  /** Why it cannot be made here. */
  readonly missing?: string;
  /** Puts it at `path`; returns the path that leads to it. */
  make(path: string): string;
  /** For the time of `work` it is there. */
  readonly during?: (path: string, work: () => Promise<void>) => Promise<void>;
}

const isWindows = process.platform === 'win32';
const onWindows = isWindows ? { missing: 'Windows has none' } : {};
const root = process.getuid?.() === 0;
const nobody = 65534;

const put =
  (content: string | Uint8Array) =>
  (path: string): string => {
    writeFileSync(path, content);
    return path;
  };

const nowhere = (path: string): string => path;

/** What stands in the place of a file or a folder. */
export const placeFaults: readonly PathFault[] = [
  { name: 'nothing', make: nowhere },
  {
    name: 'a link to nothing',
    ...onWindows,
    make(path) {
      symlinkSync(`${path}-gone`, path);
      return path;
    },
  },
  {
    name: 'a link to itself',
    ...onWindows,
    make(path) {
      symlinkSync(path, path);
      return path;
    },
  },
  {
    name: 'a pipe',
    ...onWindows,
    make(path) {
      execFileSync('mkfifo', [path]);
      return path;
    },
  },
  { name: 'a socket', ...onWindows, make: nowhere, during: withSocket },
  {
    name: 'a device without end',
    ...onWindows,
    make(path) {
      symlinkSync('/dev/zero', path);
      return path;
    },
  },
  {
    name: 'a path through a file',
    make(path) {
      writeFileSync(`${path}-file`, '');
      return join(`${path}-file`, 'below');
    },
  },
  { name: 'a name too long', make: (path) => join(dirname(path), 'x'.repeat(300)) },
  { name: 'a path too long', make: (path) => join(dirname(path), 'long/'.repeat(1000), 'x') },
];

/** What else stands in the place of a file. */
export const fileFaults: readonly PathFault[] = [
  ...placeFaults,
  {
    name: 'a folder',
    make(path) {
      mkdirSync(path);
      return path;
    },
  },
  { name: 'a file of another user', ...onWindows, make: (path) => locked(put('x')(path)), during: asAnother },
  { name: 'nothing in it', make: put('') },
  { name: 'a page of the web', make: put('<!DOCTYPE html>\n<title>Not found</title>') },
  {
    name: 'a pointer of Git LFS',
    make: put(`version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 46830571\n`),
  },
  { name: 'what torch.save writes', make: put(Buffer.from('PK\x03\x04\0\0\0\0\0\0resnet/data.pkl', 'latin1')) },
  { name: 'bytes', make: put(Uint8Array.from({ length: 1000 }, (_, i) => (i * 7919) % 256)) },
];

/** What else stands in the place of a folder. */
export const folderFaults: readonly PathFault[] = [
  ...placeFaults,
  {
    name: 'a folder of another user',
    ...onWindows,
    make(path) {
      mkdirSync(path);
      return locked(path);
    },
    during: asAnother,
  },
  { name: 'a file', make: put('x') },
  { name: 'an archive', make: put(Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3)) },
];

function locked(path: string): string {
  chmodSync(path, 0);
  return path;
}

// Permissions do not stop root.
async function asAnother(path: string, work: () => Promise<void>): Promise<void> {
  if (root) process.seteuid!(nobody);
  try {
    await work();
  } finally {
    if (root) process.seteuid!(0);
    chmodSync(path, 0o700);
  }
}

async function withSocket(path: string, work: () => Promise<void>): Promise<void> {
  const server = await new Promise<Server>((resolve) => {
    const listening = createServer().listen(path, () => resolve(listening));
  });
  try {
    await work();
  } finally {
    server.close();
  }
}

// Codes of the system, and where in the code something happened: neither is for people.
const raw =
  /\bE(?:NOENT|ISDIR|NOTDIR|ACCES|PERM|LOOP|NAMETOOLONG|IO|NXIO|INVAL|EXIST|NODEV|ROFS)\b|\bERR_[A-Z_]+|\n\s+at \S+ \(/;

/** Why `text` holds no error that a person can do something with about `path`; undefined where it does. */
export function unhelpful(text: string, path: string): string | undefined {
  // A path may be said from another folder, a long one shortened, and one through a file end there.
  const parts = path.split('/').filter((part) => part !== '');
  const names = parts.slice(parts.at(-1) === 'below' ? -2 : -1).map((part) => part.slice(0, 40));
  // In brackets, after words of ours, codes help who asks elsewhere.
  if (raw.test(text.replace(/\([^()]*\)/g, ''))) return `says what only the system means: ${text}`;
  const telling = /error|not |no |cannot|Expected/;
  const line = text.split('\n').find((each) => telling.test(each) && names.some((name) => each.includes(name)));
  if (line === undefined) return `says nothing of ${names.join(' or ')}: ${text}`;
  // An item of a list may be a clause; what to do is said below it.
  const said = line.startsWith('  ') ? [line, text] : [line];
  return said.some((each) => /[.:]$/.test(each.trim())) ? undefined : `is no sentence: ${line}`;
}

/** Why `error` is none to show a person about `path`. */
export function unhelpfulError(error: unknown, path: string): string | undefined {
  if (StudyError.is(error)) return unhelpful(error.message, path);
  return `no StudyError: ${error instanceof Error ? error.stack : String(error)}`;
}
