import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { createFrom, parseOptions } from '@espalier/core';
import { imageFolder } from '@espalier/data-folder';
import { describe, expect, test } from 'vitest';
import { failure, quietServices, temporaryFolder, tinyFolder } from './tiny-folder.ts';

const first = 'train/ant/ant_0.JPEG';

/** What may stand at a path, and what an error says of it. */
interface Situation {
  make(path: string): void;
  readonly says: RegExp;
  readonly skip?: boolean;
}

const noUnix = process.platform === 'win32';
const situations: Readonly<Record<string, Situation>> = {
  'a folder': { make: (path) => mkdirSync(path), says: /: a folder/ },
  'a pipe (FIFO)': { make: (path) => execFileSync('mkfifo', [path]), says: /: a pipe \(FIFO\)/, skip: noUnix },
  'a device': { make: (path) => symlinkSync('/dev/zero', path), says: /: a device/, skip: noUnix },
  'a link to nothing': { make: (path) => symlinkSync('nowhere', path), says: /: a link that leads to nothing/ },
  'a link to itself': { make: (path) => symlinkSync(path, path), says: /is a link that leads to itself/ },
  'a file of gigabytes': {
    make(path) {
      writeFileSync(path, '');
      truncateSync(path, 5 * 2 ** 30);
    },
    says: /of at most 67108864 bytes; found 5368709120 bytes/,
  },
  'a file that this user may not read': {
    make(path) {
      writeFileSync(path, 'x');
      chmodSync(path, 0);
    },
    says: /may not be opened by this user/,
    skip: noUnix || process.getuid?.() === 0,
  },
};

describe('whatever stands in the place of an image ends in a sentence with its path', () => {
  for (const [name, { make, says, skip = false }] of Object.entries(situations)) {
    test.skipIf(skip)(name, async () => {
      const folder = await tinyFolder();
      const path = join(folder, first);
      rmSync(path);
      make(path);
      const { message } = await failure(folder);
      expect(message).toContain(path);
      expect(message).toMatch(says);
    });

    test.skipIf(skip)(`${name}, for the boxes`, async () => {
      const folder = await tinyFolder();
      const path = join(temporaryFolder(), 'boxes.csv');
      make(path);
      const { message } = await failure(folder, { boxes: path });
      expect(message).toContain(path);
    });
  }

  test('all of a class are named in one error', async () => {
    const folder = await tinyFolder();
    for (const name of ['a.JPEG', 'crops.JPEG']) mkdirSync(join(folder, dirname(first), name));
    const { code, message } = await failure(folder);
    expect(code).toBe('files/unreadable');
    expect(message).toMatch(
      /found 2 that are no files:\n {2}\S+a\.JPEG: a folder\n {2}\S+crops\.JPEG: a folder\nRemove/,
    );
  });
});

describe('names that are not UTF-8', () => {
  const latin1 = (folder: string, name: string) =>
    Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name, 'latin1')]);

  test.skipIf(process.platform !== 'linux')(
    'are named with their bytes (where a file system has such names)',
    async () => {
      const folder = await tinyFolder();
      const parent = join(folder, dirname(first));
      renameSync(join(folder, first), latin1(parent, 'caf\xe9.JPEG'));
      const { message } = await failure(folder);
      expect(message).toBe(
        `Expected names in UTF-8 in the folder ${parent}; found 1 in another encoding: "caf\\xe9.JPEG". ` +
          'Rename them, for example with "convmv -f latin1 -t utf8 -r --notest".',
      );
    },
  );

  test('a name with U+FFFD itself is a name', async () => {
    const folder = await tinyFolder();
    renameSync(join(folder, first), join(folder, dirname(first), 'caf\ufffd.JPEG'));
    const dataset = await createFrom(imageFolder, { size: 32, folder }, quietServices());
    expect(dataset.split('train').ids.concat(dataset.split('tune').ids)).toContain('train/ant/caf\ufffd.JPEG');
  });
});

describe('what a newcomer puts in the place of the folder', () => {
  test.each([
    ['a gzip archive', Buffer.of(0x1f, 0x8b, 8, 0), 'Unpack it and name what is inside.'],
    ['a zip archive', Buffer.from('PK\x03\x04'), 'Unpack it and name what is inside.'],
    ['a JPEG image', Buffer.of(0xff, 0xd8, 0xff, 0xe0), 'Name the folder itself.'],
  ])('%s', async (words, content, advice) => {
    const path = join(temporaryFolder(), 'imagenette2.tgz');
    writeFileSync(path, content);
    const { message } = await failure(path);
    expect(message).toBe(`Expected a folder of images at ${path}, found ${words}. ${advice}`);
  });

  test('a pipe', async () => {
    const path = join(temporaryFolder(), 'pipe');
    execFileSync('mkfifo', [path]);
    expect((await failure(path)).message).toContain(`${path}, found something that is no folder.`);
  });

  test('images flat in val/ are to be sorted into class folders', async () => {
    const folder = await tinyFolder();
    for (const name of readdirSync(join(folder, 'val'))) {
      for (const image of readdirSync(join(folder, 'val', name))) {
        renameSync(join(folder, 'val', name, image), join(folder, 'val', image));
      }
      rmSync(join(folder, 'val', name), { recursive: true });
    }
    const { code, message } = await failure(folder);
    expect(code).toBe('core/data-missing');
    expect(message).toContain(`6 images lie directly in "${join(folder, 'val')}" (ant_0.JPEG, ant_1.JPEG,`);
    expect(message).toContain('Sort them into class folders, val/<class>/: the folder is the label.');
  });

  test('images directly in the folder', async () => {
    const folder = temporaryFolder();
    for (const name of ['a.jpg', 'b.webp', 'notes.txt']) writeFileSync(join(folder, name), '');
    const { message } = await failure(folder);
    expect(message).toContain(
      `2 images lie directly in "${folder}" (a.jpg, b.webp). Sort them into class folders, <class>/:`,
    );
  });

  test('a class that has other files only names them', async () => {
    const folder = await tinyFolder({ val: 1 });
    const val = join(folder, 'val/ant');
    renameSync(join(val, 'ant_0.JPEG'), join(val, 'ant_0.mp4'));
    expect((await failure(folder)).message).toContain(
      `The folder "${val}" has no JPEG, PNG, WebP, GIF, TIFF or AVIF images; it has 1 other file: ant_0.mp4. `,
    );
  });
});

test('files that are not read are counted and named, and a change among them is another fingerprint', async () => {
  const folder = await tinyFolder();
  const services = quietServices();
  const options = { size: 32, folder };
  const fingerprint = () => imageFolder.fingerprint!(parseOptions(imageFolder, options), services);
  const before = await fingerprint();
  const digest = (await createFrom(imageFolder, options, services)).split('val').digest;
  for (const name of ['val/loose.JPEG', 'train/ant/a.mp4', 'train/ant/labels.csv']) {
    writeFileSync(join(folder, name), '');
  }
  const dataset = await createFrom(imageFolder, options, services);
  expect(dataset.notes).toContain(
    'Not read, since no image in a class folder: 3: train/ant/a.mp4, train/ant/labels.csv, val/loose.JPEG',
  );
  expect(dataset.split('val').digest).toBe(digest);
  expect(await fingerprint()).not.toBe(before);
});

test('what programs leave behind is said, and changes nothing', async () => {
  const folder = await tinyFolder();
  const services = quietServices();
  const options = { size: 32, folder };
  const fingerprint = () => imageFolder.fingerprint!(parseOptions(imageFolder, options), services);
  const before = await fingerprint();
  mkdirSync(join(folder, '__MACOSX/train'), { recursive: true });
  mkdirSync(join(folder, 'val/.ipynb_checkpoints'));
  for (const name of ['.DS_Store', 'train/ant/Thumbs.db', 'train/ant/._ant_0.JPEG', 'val/Desktop.ini'])
    writeFileSync(join(folder, name), '');
  expect((await createFrom(imageFolder, { ...options, onOther: 'fail' }, services)).notes).toContain(
    'Passed over, since hidden or left behind by a program: 6: .DS_Store, __MACOSX, train/ant/._ant_0.JPEG, ' +
      'train/ant/Thumbs.db, val/.ipynb_checkpoints, val/Desktop.ini',
  );
  expect(await fingerprint()).toBe(before);
});
