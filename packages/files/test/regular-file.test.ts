import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StudyError } from '@espalier/core';
import { fileError, isMissing, readRegularFile, readRegularFileSync } from '@espalier/files';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const weights = { what: 'the weights' };
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'espalier-files-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What both readers say of a path; they must say the same. */
async function refusal(path: string, options: { most?: number } = {}): Promise<StudyError> {
  const late = await readRegularFile(path, { ...weights, ...options }).catch((error: unknown) => error);
  let early: unknown;
  try {
    readRegularFileSync(path, { ...weights, ...options });
  } catch (error) {
    early = error;
  }
  if (!StudyError.is(late) || !StudyError.is(early)) throw new Error(`accepted ${path}`);
  expect(early.message).toBe(late.message);
  expect(early.code).toBe(late.code);
  return late;
}

describe('a regular file', () => {
  it('is read whole, through links, and when it is empty', async () => {
    const path = join(folder, 'plain');
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 251));
    writeFileSync(path, bytes);
    symlinkSync(path, join(folder, 'link'));
    writeFileSync(join(folder, 'empty'), '');
    for (const name of ['plain', 'link']) {
      expect(Buffer.compare(await readRegularFile(join(folder, name), weights), bytes)).toBe(0);
      expect(Buffer.compare(readRegularFileSync(join(folder, name), weights), bytes)).toBe(0);
    }
    expect(await readRegularFile(join(folder, 'empty'), weights)).toHaveLength(0);
  });

  it('may be as large as it is said, and no larger', async () => {
    const path = join(folder, 'large');
    writeFileSync(path, 'x');
    truncateSync(path, 5000);
    expect(await readRegularFile(path, { ...weights, most: 5000 })).toHaveLength(5000);
    const error = await refusal(path, { most: 4999 });
    expect(error.message).toBe(
      `Expected the weights at ${path}, of at most 4999 bytes; found 5000 bytes. Name another file.`,
    );
  });

  it('that is larger than any array is refused before memory is taken', async () => {
    const path = join(folder, 'huge');
    writeFileSync(path, '');
    truncateSync(path, 2 ** 40);
    expect((await refusal(path)).message).toContain('found 1099511627776 bytes');
  });
});

describe('what is no regular file', () => {
  it('is refused by what it is, without waiting', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    mkdirSync(join(folder, 'sub'));
    const found = { [pipe]: 'a pipe (FIFO)', [join(folder, 'sub')]: 'a folder', '/dev/zero': 'a device' };
    for (const [path, kind] of Object.entries(found))
      expect((await refusal(path)).message).toBe(
        `Expected the weights at ${path}, found ${kind}. Name a regular file.`,
      );
  });

  it('is refused when it is a socket', async () => {
    const path = join(folder, 'socket');
    const server = createServer().listen(path);
    await new Promise((resolve) => server.once('listening', resolve));
    const error = await refusal(path);
    server.close();
    expect([error.code, error.message]).toEqual([
      'files/unreadable',
      `Expected the weights at ${path}, which is a device or a pipe with nobody at its other end. Name a regular file.`,
    ]);
  });
});

describe('a failure of the file system', () => {
  it('says why and what to do, and counts as missing only where nothing is there', async () => {
    symlinkSync('loop', join(folder, 'loop'));
    writeFileSync(join(folder, 'file'), '');
    const cases: readonly (readonly [string, string, string])[] = [
      ['none', 'core/data-missing', 'which does not exist. Check the path.'],
      ['file/below', 'files/unreadable', 'which leads through something that is no folder. Check the path.'],
      [
        'loop',
        'files/unreadable',
        'which is a link that leads to itself, or through too many others. Remove the link.',
      ],
      [
        'n'.repeat(300),
        'files/unreadable',
        'which has a name that is too long for the file system. Give a shorter path.',
      ],
    ];
    for (const [name, code, text] of cases) {
      const error = await refusal(join(folder, name));
      expect([error.code, error.message]).toEqual([code, `Expected the weights at ${join(folder, name)}, ${text}`]);
      expect(isMissing(error.cause)).toBe(code === 'core/data-missing');
    }
  });

  it('of a kind that has no sentence keeps what the system said', () => {
    const error = fileError(new Error('EWEIRD: odd'), 'a\u001b[2Jb', { ...weights, advice: 'Do this.' });
    expect(error.message).toBe('Expected the weights at a\ufffd[2Jb, which cannot be used (EWEIRD: odd). Do this.');
  });

  it('that is a StudyError already is passed on', () => {
    const known = new StudyError('core/data-corrupt', 'said before');
    expect(fileError(known, 'x', weights)).toBe(known);
  });
});
