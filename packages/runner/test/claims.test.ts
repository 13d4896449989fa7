import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Claim, fileClaims } from '../src/claims.ts';
import { temporaryFolder } from './toy-study.ts';

const key = 'a'.repeat(64);

async function held(claim: Promise<Claim>): Promise<boolean> {
  return (await claim).heldBy === null;
}

/** A claim as another process would have written it. */
function writeClaim(folder: string, changes: object): string {
  const path = join(folder, key);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, JSON.stringify({ id: 'other', host: 'elsewhere', pid: 4, since: '7', ...changes }));
  return path;
}

/** What this process writes into its own claims. */
async function ownFacts(folder: string): Promise<{ host: string; pid: number; since: string }> {
  const claim = await fileClaims(folder).take('b'.repeat(64));
  const facts = JSON.parse(readFileSync(join(folder, 'b'.repeat(64)), 'utf8'));
  if (claim.heldBy === null) await claim.release();
  return facts;
}

test('one has a key until they give it up', async () => {
  const folder = temporaryFolder();
  const claims = fileClaims(folder);
  const first = await claims.take(key);
  expect(await claims.take(key)).toEqual({ heldBy: expect.stringMatching(`^process ${process.pid} on `) });
  expect(await held(claims.take('b'.repeat(64)))).toBe(true);
  if (first.heldBy === null) await first.release();
  expect(await held(claims.take(key))).toBe(true);
});

test('of many who ask at once, one gets it', async () => {
  const folder = temporaryFolder();
  const all = await Promise.all(Array.from({ length: 50 }, () => held(fileClaims(folder).take(key))));
  expect(all.filter(Boolean)).toHaveLength(1);
  expect(readdirSync(folder)).toEqual([key]); // and nothing else is left
});

test.each([
  ['a process that has ended', { pid: 2 ** 22 + 1 }],
  ['an earlier process with the number of one that lives', { since: '1' }],
])('the claim of %s is taken over, by one', async (_, changes) => {
  const folder = temporaryFolder();
  writeClaim(folder, { ...(await ownFacts(folder)), id: 'dead', ...changes });
  const all = await Promise.all(Array.from({ length: 50 }, () => held(fileClaims(folder).take(key))));
  expect(all.filter(Boolean)).toHaveLength(1);
  expect(readdirSync(folder)).toEqual([key]);
});

test('a torn claim is nobody’s', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, key), '{"id": "torn", "ho');
  expect(await held(fileClaims(folder).take(key))).toBe(true);
});

test('a process of another machine is alive as long as its claim is touched', async () => {
  const folder = temporaryFolder();
  const path = writeClaim(folder, {});
  let now = 0;
  const claims = fileClaims(folder, { now: () => now });
  const look = () => held(claims.take(key));
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
  const mine = await fileClaims(folder).take(key);
  const path = writeClaim(folder, {});
  if (mine.heldBy === null) await mine.release();
  expect(existsSync(path)).toBe(true);
});

test('where a claim cannot be written, work goes on without', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'taken'), 'a file');
  const claim = await fileClaims(join(folder, 'taken')).take(key);
  expect(claim.heldBy).toBeNull();
  if (claim.heldBy === null) await claim.release();
});
