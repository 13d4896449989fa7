import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StudyError } from '@espalier/core';
import { extractImages } from '@espalier/data-imagenette';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../data-folder/test/tiny-folder.ts';
import { type TarEntry, tarOf } from './tar.ts';

const image = 'tiny/train/n01440764/a.JPEG';
const limits = { entries: 10, entryBytes: 5000, totalBytes: 50_000 };

function setUp(archive: Buffer) {
  const outside = temporaryFolder();
  const path = join(outside, 'tiny.tgz');
  const folder = join(outside, 'inside');
  writeFileSync(path, archive);
  return { outside, folder, run: () => extractImages(path, folder, limits) };
}

test('writes the images below train/ and val/ and passes over the rest', async () => {
  const { folder, run } = setUp(
    tarOf([
      { name: 'tiny/', type: '5' },
      { name: image, content: 'one' },
      { name: 'tiny/val/n01440764/b.JPEG', content: 'x'.repeat(1300) },
      { name: 'tiny/val/n01440764/._b.JPEG', content: 'left by macOS' },
      { name: 'tiny/noisy_imagenette.csv', content: 'path,label' },
    ]),
  );
  expect(await run()).toBe(2);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('.'));
  expect(files.sort()).toEqual(['train/n01440764/a.JPEG', 'val/n01440764/b.JPEG']);
  expect(readFileSync(join(folder, 'train/n01440764/a.JPEG'), 'utf8')).toBe('one');
  expect(readFileSync(join(folder, 'val/n01440764/b.JPEG'), 'utf8')).toBe('x'.repeat(1300));
});

test('reads long names, as GNU tar writes them', async () => {
  const name = `tiny/train/n01440764/${'a'.repeat(120)}.JPEG`;
  const { folder, run } = setUp(
    tarOf([
      { name: '././@LongLink', type: 'L', content: `${name}\0` },
      { name: name.slice(0, 100), content: 'long' },
    ]),
  );
  expect(await run()).toBe(1);
  expect(readdirSync(join(folder, 'train/n01440764'))).toEqual([`${'a'.repeat(120)}.JPEG`]);
});

describe('an archive that cannot be trusted writes nothing outside', () => {
  const hostile: Readonly<Record<string, readonly [TarEntry[], RegExp]>> = {
    'a path with ..': [
      [{ name: '../escaped.JPEG', content: 'x' }],
      /the path "\.\.\/escaped\.JPEG" could leave the folder/,
    ],
    'a path with .. inside': [[{ name: 'tiny/train/../../../escaped', content: 'x' }], /could leave the folder/],
    'an absolute path': [[{ name: '/escaped-from-an-archive.JPEG', content: 'x' }], /could leave the folder/],
    'a drive letter': [[{ name: 'C:/escaped.JPEG', content: 'x' }], /could leave the folder/],
    backslashes: [[{ name: 'tiny\\..\\..\\escaped', content: 'x' }], /could leave the folder/],
    'a symbolic link': [
      [
        { name: 'tiny/train', type: '2', linkName: '..' },
        { name: 'tiny/train/n01440764/a.JPEG', content: 'x' },
      ],
      /"tiny\/train" is a symlink, not a file or folder/,
    ],
    'a hard link': [[{ name: image, type: '1', linkName: '/etc/hostname' }], /is a link, not a file or folder/],
    'a device': [[{ name: image, type: '3' }], /is a character-device, not a file or folder/],
    'a fifo': [[{ name: image, type: '6' }], /is a fifo, not a file or folder/],
    'a kind of its own': [[{ name: image, type: 'Z' }], /is a thing of unknown kind, not a file or folder/],
    'a file that comes twice': [
      [
        { name: image, content: 'first' },
        { name: image, content: 'second' },
      ],
      /comes twice/,
    ],
    'too large a file': [[{ name: image, content: Buffer.alloc(5001) }], /has 5001 bytes, more than 5000/],
    'too many files': [
      Array.from({ length: 11 }, (_, i) => ({ name: `tiny/train/n01440764/${i}.JPEG` })),
      /it has more than 10 entries/,
    ],
    'more than its bytes': [
      Array.from({ length: 10 }, (_, i) => ({ name: `tiny/train/n01440764/${i}.JPEG`, content: Buffer.alloc(5000) })),
      /it unpacks to more than 50000 bytes/,
    ],
  };

  const pax = (record: string): TarEntry => ({ name: 'pax', type: 'x', content: record });
  const sizes: Readonly<Record<string, TarEntry[]>> = {
    'a PAX size below zero': [pax('11 size=-5\n'), { name: image, content: 'x' }],
    'a PAX size that is no number': [pax('12 size=abc\n'), { name: image, content: 'x' }],
    'a PAX size beyond all disks': [pax('27 size=99999999999999999\n'), { name: image, content: 'x' }],
    'a PAX size for everything that follows': [
      { name: 'pax', type: 'g', content: '11 size=-5\n' },
      pax('9 path=a\n'),
      { name: image, content: 'x' },
    ],
    'a size below zero': [{ name: image, content: 'x', size: Buffer.alloc(12, 0xff) }],
    'a size with a byte that no tar writes': [
      { name: image, content: 'x', size: Buffer.of(0x81, ...new Array(11).fill(0)) },
    ],
    'a size that is no octal number': [{ name: image, content: 'x', size: '99999999999\0' }],
    'a size of more than there is': [{ name: image, content: 'x', size: '00000010000\0' }],
    'a folder with content': [{ name: 'tiny/train/', type: '5', size: '00000001000\0', content: 'x'.repeat(512) }],
    'a long name of a size below zero': [
      { name: 'x', type: 'L', size: Buffer.alloc(12, 0xff) },
      { name: image, content: 'x' },
    ],
  };
  test.each(Object.entries(sizes))('%s has an end', async (_, entries) => {
    const { outside, run } = setUp(tarOf(entries));
    const error: unknown = await run().then(
      () => undefined,
      (cause: unknown) => cause,
    );
    expect(error).toMatchObject({ message: expect.stringContaining(join(outside, 'tiny.tgz')) });
    expect(StudyError.is(error)).toBe(true);
  });

  test('a folder in the place of the archive is refused by its path', async () => {
    const folder = temporaryFolder();
    await expect(extractImages(folder, join(folder, 'inside'))).rejects.toThrow(
      `Expected an archive of images at ${folder}, found a folder. Delete it`,
    );
  });

  test.each(Object.entries(hostile))('%s', async (_, [entries, problem]) => {
    const { outside, run } = setUp(tarOf(entries));
    await expect(run()).rejects.toMatchObject({
      code: 'data-imagenette/archive-unsafe',
      message: expect.stringMatching(problem),
    });
    expect(readdirSync(outside).filter((name) => name !== 'inside')).toEqual(['tiny.tgz']);
    expect(existsSync('/escaped-from-an-archive.JPEG')).toBe(false);
  });

  test('a long name that would fill the memory', async () => {
    const { outside, folder } = setUp(Buffer.alloc(0));
    const path = join(outside, 'bomb.tgz');
    writeFileSync(path, tarOf([{ name: 'x', type: 'L', content: Buffer.alloc(40 * 2 ** 20, 'a') }, { name: image }]));
    await expect(extractImages(path, folder)).rejects.toMatchObject({
      code: 'data-imagenette/archive-unsafe',
      message: expect.stringContaining('it holds more than 1048576 bytes between two files'),
    });
  });
});

test.each([
  ['cut short', (archive: Buffer) => archive.subarray(0, archive.length - 40)],
  ['no gzip', () => Buffer.from('<html>not found</html>')],
  ['empty', () => Buffer.alloc(0)],
  ['gzip of something else', () => tarOf([]).subarray(0, 10)],
])('an archive that is damaged (%s) is named', async (_, damage) => {
  const { outside, run } = setUp(damage(tarOf([{ name: image, content: Buffer.from('x'.repeat(4000)) }])));
  await expect(run()).rejects.toMatchObject({
    code: 'files/invalid',
    message: expect.stringContaining(`"${join(outside, 'tiny.tgz')}" is not a whole gzipped tar file: `),
  });
});
