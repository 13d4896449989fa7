import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { plainServices } from '@espalier/core';
import { archives, fetchArchive, imagenetteClasses, imagenetteFolder } from '@espalier/data-imagenette';
import { expect, test } from 'vitest';
import { jpeg, temporaryFolder } from '../../data-folder/test/tiny-folder.ts';
import { serve, status, whole } from './file-server.ts';
import { tarOf } from './tar.ts';

async function tinyArchive(): Promise<Buffer> {
  const content = await jpeg(32, 32, 0);
  return tarOf(
    imagenetteClasses.flatMap(({ wnid }) =>
      ['train', 'val'].map((part) => ({ name: `tiny/${part}/${wnid}/${wnid}_1.JPEG`, content })),
    ),
  );
}

const archiveOf = (content: Buffer, url: string) => ({
  name: 'tiny',
  url,
  md5: createHash('md5').update(content).digest('hex'),
});

test('downloads, unpacks and leaves only the images; the second time nothing is asked', async () => {
  const content = await tinyArchive();
  const { url, requests } = await serve(whole(content));
  const folder = join(temporaryFolder(), 'cache');
  const target = await fetchArchive(archiveOf(content, url), folder, plainServices());
  expect(target).toBe(join(folder, 'tiny'));
  expect(imagenetteFolder(target).train.files.map(({ id }) => id)[9]).toBe('train/n03888257/n03888257_1.JPEG');
  expect(readdirSync(folder)).toEqual(['tiny']);
  await fetchArchive(archiveOf(content, url), folder, plainServices());
  expect(requests).toHaveLength(1);
});

test('where nothing may be fetched it says what would be', async () => {
  const content = await tinyArchive();
  const { url, requests } = await serve(whole(content));
  const folder = temporaryFolder();
  await expect(fetchArchive(archiveOf(content, url), folder, plainServices({ offline: true }))).rejects.toMatchObject({
    code: 'core/not-downloaded',
    message: `a run downloads ${url} first`,
  });
  expect([requests.length, readdirSync(folder)]).toEqual([0, []]);
});

test('two at once download once', async () => {
  const content = await tinyArchive();
  const { url, requests } = await serve((request, response) =>
    setTimeout(() => whole(content)(request, response), 100),
  );
  const folder = temporaryFolder();
  const both = await Promise.all([1, 2].map(() => fetchArchive(archiveOf(content, url), folder, plainServices())));
  expect(both).toEqual([join(folder, 'tiny'), join(folder, 'tiny')]);
  expect(requests).toHaveLength(1);
});

test('an archive that was left by a killed run is unpacked without a download', async () => {
  const content = await tinyArchive();
  const { url, requests } = await serve(status(500));
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'tiny.tgz'), content);
  await fetchArchive(archiveOf(content, url), folder, plainServices());
  expect(requests).toHaveLength(0);
  expect(readdirSync(folder)).toEqual(['tiny']);
});

test('what a killed run left goes when it is old, and its lock is taken over', async () => {
  const content = await tinyArchive();
  const { url } = await serve(whole(content));
  const folder = temporaryFolder();
  const old = new Date(Date.now() - 25 * 60 * 60 * 1000);
  for (const name of ['tiny.unpacking-old', 'tiny.unpacking-new']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'tiny.lock'), '');
  for (const name of ['tiny.unpacking-old', 'tiny.lock']) utimesSync(join(folder, name), old, old);
  await fetchArchive(archiveOf(content, url), folder, plainServices());
  expect(readdirSync(folder)).toEqual(['tiny', 'tiny.unpacking-new']);
});

test('an unsafe archive leaves no folder behind', async () => {
  const content = tarOf([{ name: 'tiny/train/n01440764/a.JPEG' }, { name: '../escaped' }]);
  const { url } = await serve(whole(content));
  const folder = temporaryFolder();
  const run = fetchArchive(archiveOf(content, url), folder, plainServices());
  await expect(run).rejects.toMatchObject({ code: 'data-imagenette/archive-unsafe' });
  expect(readdirSync(folder)).toEqual(['tiny.tgz']);
  expect(existsSync(join(folder, 'tiny'))).toBe(false);
});

test('a cache folder that cannot be one is named, with what to do', async () => {
  const folder = join(temporaryFolder(), 'cache');
  writeFileSync(folder, 'a file');
  const content = await tinyArchive();
  const { url } = await serve(whole(content));
  await expect(fetchArchive(archiveOf(content, url), folder, plainServices())).rejects.toMatchObject({
    code: 'files/unreadable',
    message: expect.stringMatching(
      /^Expected a place in the cache folder for the archive at .*cache.*Make it writable, or unpack/,
    ),
  });
});

test('an archive without images is refused', async () => {
  const content = tarOf([{ name: 'tiny/readme.txt', content: 'hello' }]);
  const { url } = await serve(whole(content));
  const run = fetchArchive(archiveOf(content, url), temporaryFolder(), plainServices());
  await expect(run).rejects.toThrow(/holds no images below train\/ and val\/\. Delete it and run again\./);
});

test('the official archives have the published checksums', () => {
  expect(Object.values(archives).map(({ md5 }) => md5)).toEqual([
    'e793b78cc4c9e9a4ccc0c1155377a412',
    '3df6f0d01a2c9592104656642f5e78a3',
    'fe2fc210e6bb7c5664d602c3cd71e612',
  ]);
});
