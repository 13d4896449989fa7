import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Progress, plainServices, StudyError } from '@espalier/core';
import { download } from '@espalier/data-imagenette';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../data-folder/test/tiny-folder.ts';
import { broken, serve, status, whole } from './file-server.ts';

const content = randomBytes(3_000_000);
const md5 = createHash('md5').update(content).digest('hex');

function setUp(url: string, sum = md5) {
  const target = join(temporaryFolder(), 'tiny.tgz');
  const progress: Progress[] = [];
  const log: string[] = [];
  const services = plainServices({ progress: (state) => progress.push(state), log: (line) => log.push(line) });
  const run = () => download({ name: 'tiny', url, md5: sum }, target, services, 1);
  return { target, progress, log, run };
}

test('downloads a file, checks it, and reports progress up to the end', async () => {
  const { url } = await serve(whole(content));
  const { target, progress, run } = setUp(url);
  await run();
  expect(readFileSync(target).equals(content)).toBe(true);
  expect(existsSync(`${target}.partial`)).toBe(false);
  expect(progress.at(-1)).toEqual({ done: 2, total: 3, unit: 'MiB', note: 'downloading tiny' });
});

test.each(['a folder', 'a pipe', 'a link that leads to itself'])(
  'a place that cannot be written to (%s) is no failure of the server: it is named at once',
  async (what) => {
    const { url, requests } = await serve(whole(content));
    const { target, run } = setUp(url);
    const partial = `${target}.partial`;
    if (what === 'a folder') mkdirSync(partial);
    else if (what === 'a pipe') execFileSync('mkfifo', [partial]);
    else symlinkSync(partial, partial);
    const error = await run().catch((cause: unknown) => cause);
    if (!StudyError.is(error)) throw error;
    expect(error.code).toBe('files/unreadable');
    expect(error.message).toContain(partial);
    expect(error.message).not.toMatch(/EISDIR|ELOOP/);
    expect(requests.length).toBeLessThanOrEqual(1);
  },
);

test('takes a broken connection up where it broke', async () => {
  const { url, requests } = await serve(broken(content, 1_000_000), whole(content));
  const { target, log, run } = setUp(url);
  await run();
  expect(readFileSync(target).equals(content)).toBe(true);
  // What the system had not yet handed over when the connection broke is lost.
  expect(requests.map(({ headers }) => headers.range)).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]\d*-$/)]);
  expect(log[0]).toMatch(/trying again from [\d.]+ MiB$/);
});

test('continues what an earlier run left', async () => {
  const { url, requests } = await serve(whole(content));
  const { target, run } = setUp(url);
  writeFileSync(`${target}.partial`, content.subarray(0, 2_000_000));
  await run();
  expect(readFileSync(target).equals(content)).toBe(true);
  expect(requests[0]!.headers.range).toBe('bytes=2000000-');
});

test('starts over when the server knows no ranges', async () => {
  const { url } = await serve((_, response) => response.writeHead(200).end(content));
  const { target, run } = setUp(url);
  writeFileSync(`${target}.partial`, content.subarray(0, 2_000_000));
  await run();
  expect(readFileSync(target).equals(content)).toBe(true);
});

test('starts over once when what an earlier run left is of another file', async () => {
  const { url, requests } = await serve(whole(content));
  const { target, run } = setUp(url);
  writeFileSync(`${target}.partial`, Buffer.alloc(4_000_000));
  await run();
  expect(readFileSync(target).equals(content)).toBe(true);
  expect(requests.map(({ headers }) => headers.range)).toEqual(['bytes=4000000-', undefined]);
});

test('tries again when the server is overloaded', async () => {
  const { url } = await serve(status(503), status(429), whole(content));
  const { target, run } = setUp(url);
  await run();
  expect(existsSync(target)).toBe(true);
});

test('refuses a file with another checksum, and deletes it', async () => {
  const { url } = await serve(whole(content));
  const { target, run } = setUp(url, '0'.repeat(32));
  await expect(run()).rejects.toMatchObject({
    code: 'data-imagenette/download-failed',
    message:
      `${url} must have the MD5 ${'0'.repeat(32)}; the downloaded file has ${md5} and was deleted. Run again, or unpack ` +
      'the archive yourself and set the option "folder" to its folder with train/ and val/.',
  });
  expect(existsSync(target)).toBe(false);
  expect(existsSync(`${target}.partial`)).toBe(false);
});

test('gives up at once when the file is not there', async () => {
  const { url, requests } = await serve(status(404));
  await expect(setUp(url).run()).rejects.toThrow(`${url}: the server answered 404. Run again, or unpack`);
  expect(requests).toHaveLength(1);
});

test('gives up after five tries and keeps what it has', async () => {
  const { url, requests } = await serve(broken(content, 500_000), status(500));
  const { target, run } = setUp(url);
  await expect(run()).rejects.toThrow(
    /could not be downloaded in 5 tries: the server answered 500\. 0\.\d MiB are kept, and the next run continues/,
  );
  expect(requests).toHaveLength(5);
  const kept = readFileSync(`${target}.partial`);
  expect(kept.length).toBeGreaterThan(0);
  expect(kept.equals(content.subarray(0, kept.length))).toBe(true);
});

test('says why when nothing listens', async () => {
  await expect(setUp('http://127.0.0.1:9/tiny.tgz').run()).rejects.toThrow(
    /in 5 tries: (connect ECONNREFUSED|bad port)/,
  );
});

test.skipIf(!existsSync('/dev/full'))('says so when the disk is full (where a system has /dev/full)', async () => {
  const { url } = await serve(whole(content));
  const { target, run } = setUp(url);
  symlinkSync('/dev/full', `${target}.partial`);
  await expect(run()).rejects.toMatchObject({
    code: 'files/disk-full',
    message:
      `There is no room left on the disk of "${target}.partial". Make room, or choose a cache folder on another disk; ` +
      'the run continues where it stopped.',
  });
});

test('stops when it is told to', async () => {
  const stop = new AbortController();
  const { url } = await serve((_, response) => {
    response.writeHead(200, { 'content-length': content.length });
    response.write(content.subarray(0, 1000), () => stop.abort(new Error('stopped by the user')));
  });
  const target = join(temporaryFolder(), 'tiny.tgz');
  const services = plainServices({ signal: stop.signal });
  await expect(download({ name: 'tiny', url, md5 }, target, services, 1)).rejects.toThrow('stopped by the user');
});
