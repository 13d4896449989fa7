import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { deadOwner, newOwner, open, take, withLock } from '../src/archive/folder-lock.ts';

const old = new Date(Date.now() - 60_000);
const staleMs = 30_000;

function lockPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-lock-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'tiny.lock');
}

/** What a killed process leaves: a lock of this version, one that was opened but not taken, and one of an earlier version. */
const leftovers = {
  'its lock'(path: string) {
    mkdirSync(path);
    writeFileSync(join(path, 'dead'), '');
    utimesSync(join(path, 'dead'), old, old);
  },
  'an open lock'(path: string) {
    mkdirSync(path);
    utimesSync(path, old, old);
  },
  'a file'(path: string) {
    writeFileSync(path, '');
    utimesSync(path, old, old);
  },
};

test.each(Object.entries(leftovers))(
  'of two that found %s stale, the late one takes nothing away',
  async (_, leave) => {
    const path = lockPath();
    leave(path);
    const [first, second] = [newOwner(), newOwner()];
    const [seenByFirst, seenBySecond] = [await deadOwner(path, staleMs), await deadOwner(path, staleMs)];
    expect([typeof seenByFirst, seenBySecond]).toEqual(['string', seenByFirst]);
    await open(path, seenByFirst!);
    expect(await take(path, first)).toBe(true);
    await open(path, seenBySecond!);
    expect(await take(path, second)).toBe(false);
    expect(await deadOwner(path, staleMs)).toBeUndefined();
    expect(readdirSync(path)).toEqual([first]);
  },
);

test.each(Object.entries(leftovers))('many that wait behind %s work one after another', async (_, leave) => {
  const path = lockPath();
  leave(path);
  let [working, most, done] = [0, 0, 0];
  const work = async () => {
    most = Math.max(most, ++working);
    await pause(2);
    working--;
    done++;
  };
  const times = { beatMs: 1, staleMs };
  await Promise.all(
    Array.from({ length: 20 }, () => withLock(path, { log() {}, signal: new AbortController().signal }, work, times)),
  );
  expect([most, done]).toEqual([1, 20]);
  expect(readdirSync(join(path, '..'))).toEqual([]);
});

test('a lock whose owner lives is waited for', async () => {
  const path = lockPath();
  expect(await take(path, 'alive')).toBe(true);
  const over = new AbortController();
  const waiting = withLock(path, { log: () => over.abort(), signal: over.signal }, async () => 'worked', {
    beatMs: 1,
    staleMs,
  });
  await expect(waiting).rejects.toThrow('abort');
  expect(readdirSync(join(path, '..'))).toEqual(['tiny.lock']);
});
