import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { link } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileLeases, type Lease } from '../src/index.ts';
import { temporaryFolder } from './temporary-folder.ts';

const key = 'a'.repeat(64);

async function held(lease: Promise<Lease>): Promise<boolean> {
  return (await lease).heldBy === null;
}

/** A lease as another process would have written it. */
function writeLease(folder: string, changes: object): string {
  const path = join(folder, key);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, JSON.stringify({ id: 'other', host: 'elsewhere', pid: 4, since: '7', ...changes }));
  return path;
}

/** What this process writes into its own leases. */
async function ownFacts(folder: string): Promise<{ host: string; pid: number; since: string }> {
  const lease = await fileLeases(folder).take('b'.repeat(64));
  const facts = JSON.parse(readFileSync(join(folder, 'b'.repeat(64)), 'utf8'));
  if (lease.heldBy === null) await lease.release();
  return facts;
}

test('one has a key until they give it up', async () => {
  const folder = temporaryFolder();
  const leases = fileLeases(folder);
  const first = await leases.take(key);
  expect(await leases.take(key)).toEqual({ heldBy: expect.stringMatching(`^process ${process.pid} on `) });
  expect(await held(leases.take('b'.repeat(64)))).toBe(true);
  if (first.heldBy === null) await first.release();
  expect(await held(leases.take(key))).toBe(true);
});

test('of many who ask at once, one gets it', async () => {
  const folder = temporaryFolder();
  const all = await Promise.all(Array.from({ length: 50 }, () => held(fileLeases(folder).take(key))));
  expect(all.filter(Boolean)).toHaveLength(1);
  expect(readdirSync(folder)).toEqual([key]); // and nothing else is left
});

test.each([
  ['a process that has ended', { pid: 2 ** 22 + 1 }],
  ['an earlier process with the number of one that lives', { since: '1' }],
])('the lease of %s is taken over, by one', async (_, changes) => {
  const folder = temporaryFolder();
  writeLease(folder, { ...(await ownFacts(folder)), id: 'dead', ...changes });
  const all = await Promise.all(Array.from({ length: 50 }, () => held(fileLeases(folder).take(key))));
  expect(all.filter(Boolean)).toHaveLength(1);
  expect(readdirSync(folder)).toEqual([key]);
});

test('a torn lease is nobody’s', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, key), '{"id": "torn", "ho');
  expect(await held(fileLeases(folder).take(key))).toBe(true);
});

test('a process of another machine is alive as long as its lease is touched', async () => {
  const folder = temporaryFolder();
  const path = writeLease(folder, {});
  let now = 0;
  const leases = fileLeases(folder, { now: () => now });
  const look = () => held(leases.take(key));
  expect(await look()).toBe(false);
  now = 59_000;
  expect(await look()).toBe(false);
  const beat = new Date(Date.now() + 5000);
  utimesSync(path, beat, beat);
  now = 70_000;
  expect(await look()).toBe(false); // it was touched in between
  now = 131_000;
  expect(await look()).toBe(true); // and then no more
});

test('giving up leaves alone what somebody else has taken over', async () => {
  const folder = temporaryFolder();
  const mine = await fileLeases(folder).take(key);
  const path = writeLease(folder, {});
  if (mine.heldBy === null) await mine.release();
  expect(existsSync(path)).toBe(true);
});

test('where a lease cannot be written, work goes on without', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'taken'), 'a file');
  const lease = await fileLeases(join(folder, 'taken')).take(key);
  expect(lease.heldBy).toBeNull();
  if (lease.heldBy === null) await lease.release();
});

/** A file of a gigabyte that takes no room. */
function sparse(path: string): void {
  writeFileSync(path, '');
  truncateSync(path, 2 ** 30);
}

function failure(code: string): Error {
  return Object.assign(new Error(`${code}: made to fail, link`), { code });
}

test('a link that was made while its reply was lost is one’s own lease', async () => {
  const folder = temporaryFolder();
  const hardLink = async (from: string, to: string) => {
    await link(from, to);
    throw failure('EEXIST'); // what a second try over NFS meets
  };
  const lease = await fileLeases(folder, { hardLink }).take(key);
  expect(lease.heldBy).toBeNull();
  expect(await held(fileLeases(folder).take(key))).toBe(false);
  if (lease.heldBy === null) await lease.release();
  expect(readdirSync(folder)).toEqual([]);
});

test.each(['EPERM', 'ENOTSUP', 'EMLINK'])(
  'where a hard link is refused with %s, one of many gets the key',
  async (code) => {
    const folder = temporaryFolder();
    const hardLink = () => Promise.reject(failure(code));
    const all = await Promise.all(Array.from({ length: 20 }, () => fileLeases(folder, { hardLink }).take(key)));
    const [mine, ...others] = all.filter(({ heldBy }) => heldBy === null);
    expect(others).toEqual([]);
    expect(readdirSync(folder)).toEqual([key]);
    if (mine?.heldBy === null) await mine.release();
    expect(readdirSync(folder)).toEqual([]);
  },
);

test('a lease that this process gave up but could not remove is taken again, not waited for', async () => {
  const folder = temporaryFolder();
  const mine = await fileLeases(folder).take(key);
  const text = readFileSync(join(folder, key));
  if (mine.heldBy === null) await mine.release();
  writeFileSync(join(folder, key), text); // as if it had stayed
  expect(await held(fileLeases(folder).take(key))).toBe(true);
});

test.each<[string, (path: string) => void]>([
  ['a pipe', (path) => void execFileSync('mkfifo', [path])],
  ['a link to nothing', (path) => symlinkSync('nowhere', path)],
  ['a link to itself', (path) => symlinkSync(key, path)],
  ['a gigabyte of nothing', sparse],
])('%s in the place of a lease is nobody’s, and replaced', async (_, put) => {
  const folder = temporaryFolder();
  put(join(folder, key));
  expect(await held(fileLeases(folder).take(key))).toBe(true);
  expect(readdirSync(folder)).toEqual([key]);
  expect(JSON.parse(readFileSync(join(folder, key), 'utf8'))).toMatchObject({ pid: process.pid });
});

test('a folder in the place of a lease is named', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, key));
  await expect(fileLeases(folder).take(key)).rejects.toThrow(`at ${join(folder, key)}, found a folder.`);
});
