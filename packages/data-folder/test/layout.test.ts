import { copyFileSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderOf, idsOf, open, refusal, temporaryFolder, tinyFolder, writeImages } from './tiny-folder.ts';

/** How many images each part has, and what evaluates. */
async function partsOf(folder: string, options: object = {}) {
  const dataset = await open(folder, { ...options });
  const parts = (['train', 'tune', 'val'] as const).map((part) => dataset.split(part));
  return { counts: parts.map(({ ids }) => ids.length), evaluated: parts[2]!.ids[0], said: dataset.notes![0] };
}

const threeParts = (train: string, val: string, test: string) =>
  folderOf([
    ...idsOf([`${train}/a`, `${train}/b`], 3),
    ...idsOf([`${val}/a`, `${val}/b`], 2),
    ...idsOf([`${test}/a`, `${test}/b`], 1),
  ]);

describe('parts', () => {
  test('of train and val: a seeded part of train selects', async () => {
    expect(await partsOf(await tinyFolder())).toEqual({
      counts: [9, 3, 6],
      evaluated: 'val/ant/ant_0.JPEG',
      said: 'train/ trains, val/ evaluates (val), and 0.1 of the training images (seed 0) selects models (tune).',
    });
  });

  test.each([
    ['train', 'val', 'test'],
    ['Training', 'Validation', 'Testing'],
    ['train', 'valid', 'test'],
  ])('of %s, %s and %s: the last evaluates, the second selects', async (...names) => {
    expect(await partsOf(await threeParts(...names))).toEqual({
      counts: [6, 4, 2],
      evaluated: `${names[2]}/a/0.png`,
      said: `${names[0]}/ trains, ${names[2]}/ evaluates (val), and ${names[1]}/ selects models (tune).`,
    });
  });

  test('of which val is to evaluate: test is not read, whatever is in it', async () => {
    const folder = await threeParts('train', 'val', 'test');
    rmSync(join(folder, 'test/a'), { recursive: true });
    expect(await partsOf(folder, { evaluateOn: 'val' })).toMatchObject({ counts: [4, 2, 4], evaluated: 'val/a/0.png' });
    expect((await open(folder, { evaluateOn: 'val' })).notes).toContain(
      'Not read, since not among the folders that are asked for: 1: test',
    );
  });

  test('of which test has no labels says how to do without it', async () => {
    const folder = await tinyFolder();
    await writeImages(folder, ['test/0.png', 'test/1.png']);
    expect(await refusal(folder)).toMatch(
      /^core\/data-missing: 2 images lie directly in "<folder>\/test" .* If its labels are not known, set "evaluateOn" to "val"\.$/,
    );
    expect(await partsOf(folder, { evaluateOn: 'val' })).toMatchObject({ counts: [9, 3, 6] });
  });

  test('of train and test', async () => {
    const folder = await folderOf([...idsOf(['train/a', 'train/b'], 3), ...idsOf(['test/a', 'test/b'], 1)]);
    expect(await partsOf(folder)).toMatchObject({ counts: [4, 2, 2], evaluated: 'test/a/0.png' });
    expect(await refusal(folder, { evaluateOn: 'val' })).toMatch(/^data-folder\/layout: .* has no folder "val"/);
  });

  test('beside other folders, or classes called like parts, are not guessed', async () => {
    const folder = await folderOf(idsOf(['bus', 'car', 'train'], 3));
    expect(await refusal(folder)).toBe(
      'data-folder/layout: The folder "<folder>" holds parts (train) beside other folders (bus, car). Set "layout" to "parts" if the ' +
        'others are not to be read, or to "classes" if all of them are classes.',
    );
    expect((await open(folder, { layout: 'classes' })).classes).toEqual(['bus', 'car', 'train']);
    const other = await tinyFolder();
    mkdirSync(join(other, 'annotations'));
    expect(await refusal(other)).toMatch(/^data-folder\/layout: /);
    expect(await partsOf(other, { layout: 'parts' })).toMatchObject({ counts: [9, 3, 6] });
  });

  test('that are missing, or there twice', async () => {
    const folder = await tinyFolder();
    renameSync(join(folder, 'val'), join(folder, 'training'));
    expect(await refusal(folder)).toBe(
      'data-folder/layout: The folder "<folder>" has more than one folder for the part "train": train, training. Keep one.',
    );
    rmSync(join(folder, 'training'), { recursive: true });
    expect(await refusal(folder)).toBe(
      'data-folder/layout: The folder "<folder>" has no folder "val or test"; the folders in it: train. Add it, or name one ' +
        'folder of classes, which is split by a seed (set "layout" to "classes" if these are the classes).',
    );
    expect(await refusal(await folderOf(idsOf(['a', 'b'], 3)), { layout: 'parts' })).toMatch(/has no folder "train"/);
  });
});

describe('classes of parts are the same', () => {
  test('or those that only one part has are named', async () => {
    const folder = await tinyFolder();
    await writeImages(folder, ['val/dog/0.png']);
    renameSync(join(folder, 'val/ant'), join(folder, 'val/eel'));
    expect(await refusal(folder)).toBe(
      'data-folder/classes-differ: Expected the same class folders in "<folder>/train" and "<folder>/val"; only in the first: ant; ' +
        'only in the second: dog, eel. Rename or move folders, or name the classes to read in the option "classes".',
    );
    expect((await open(folder, { classes: ['cat', 'bee'] })).classes).toEqual(['cat', 'bee']);
  });

  test.each([
    ['Café', 'Cafe\u0301'],
    ['cat', 'Cat'],
    ['cat', 'cat '],
  ])('%j and %j are told to look alike', async (train, val) => {
    const folder = await folderOf([...idsOf([`train/${train}`, 'train/b'], 2), ...idsOf([`val/${val}`, 'val/b'], 1)]);
    expect(await refusal(folder)).toContain(`"${val}" and "${train}" differ only in case, spaces or Unicode form.`);
  });

  test('of two parts they may differ only in case, as two classes', async () => {
    expect((await open(await folderOf(idsOf(['cat', 'Cat'], 3)))).classes).toEqual(['Cat', 'cat']);
  });
});

describe('a folder that is none of classes', () => {
  test('because there is one class, none, or one that is not there', async () => {
    expect(await refusal(await folderOf(idsOf(['a'], 3)))).toMatch(
      /^data-folder\/one-class: Expected at least two class folders in "<folder>"; found one, a\./,
    );
    expect(await refusal(temporaryFolder())).toMatch(/^data-folder\/one-class: .*; found none\./);
    const folder = await folderOf(idsOf(['a', 'b'], 3));
    expect(await refusal(folder, { classes: ['a', 'dog'] })).toBe(
      'data-folder/unknown-class: Expected class folders in "<folder>", each named once in the option "classes"; there is no dog; ' +
        'there are: a, b. Correct the names.',
    );
    expect(await refusal(folder, { classes: ['a', 'a'] })).toMatch(/named twice: a\. Correct the names\.$/);
  });

  test('because the classes are one level below', async () => {
    const folder = await folderOf(idsOf(['photos/a', 'photos/b'], 3));
    expect(await refusal(folder)).toContain('found one, photos. Did you mean "<folder>/photos"?');
  });

  test('and has no part to evaluate on', async () => {
    expect(await refusal(await folderOf(idsOf(['a', 'b'], 3)), { evaluateOn: 'val' })).toBe(
      'data-folder/layout: Expected parts in "<folder>", since "evaluateOn" names one; found classes. Leave it out.',
    );
  });

  test('because a class is empty', async () => {
    const folder = await folderOf(idsOf(['a', 'b'], 3));
    mkdirSync(join(folder, 'c'));
    expect(await refusal(folder)).toMatch(
      /^core\/data-missing: The folder "<folder>\/c" has no JPEG, PNG, WebP, GIF, TIFF or AVIF images\. /,
    );
  });
});

describe('one folder of classes', () => {
  test('gives every part images of every class, at least one', async () => {
    const folder = await folderOf([...idsOf(['a'], 20), ...idsOf(['b'], 3)], { height: 16, width: 16 });
    const dataset = await open(folder, { size: 16 });
    const counts = (['train', 'tune', 'val'] as const).map((part) =>
      [0, 1].map((label) => dataset.split(part).labels.filter((own) => own === label).length),
    );
    expect(counts).toEqual([
      [14, 1],
      [2, 1],
      [4, 1],
    ]);
    expect(dataset.notes![0]).toBe(
      'One folder of classes, split by the seed 0: of every class 0.2 evaluates (val) and 0.1 selects models (tune).',
    );
  });

  test('of too few images is refused with their number', async () => {
    const folder = await folderOf([...idsOf(['a'], 4), ...idsOf(['b'], 2)]);
    expect(await refusal(folder)).toBe(
      'data-folder/too-few-images: Expected images of every class for each of 3 parts (fractions: val 0.2, tune 0.1); too few for ' +
        'that: "b" has 2. Add images, lower "valFraction" or "tuneFraction", or name the classes to read in the option "classes".',
    );
    expect((await partsOf(folder, { tuneFraction: 0 })).counts).toEqual([4, 0, 2]);
    expect(await refusal(folder, { valFraction: 0.6, tuneFraction: 0.5 })).toMatch(/"a" has 4, "b" has 2/);
  });

  test('another seed splits it otherwise; an image more moves at most one other across each border', async () => {
    const folder = await folderOf(idsOf(['a', 'b'], 20), { height: 16, width: 16 });
    const partOf = async (options: object = {}) => {
      const dataset = await open(folder, { size: 16, ...options });
      return new Map(
        (['train', 'tune', 'val'] as const).flatMap((part) => dataset.split(part).ids.map((id) => [id, part])),
      );
    };
    const before = await partOf();
    expect(await partOf({ splitSeed: 1 })).not.toEqual(before);
    for (const [i, name] of ['a/new.png', 'a/other.png', 'a/third.png'].entries()) {
      const known = await partOf();
      await writeImages(folder, [name], {}, [1000 + i]);
      const after = await partOf();
      expect([...known].filter(([id, part]) => after.get(id) !== part).length).toBeLessThanOrEqual(2);
      expect([...known].filter(([id, part]) => id.startsWith('b/') && after.get(id) !== part)).toEqual([]);
    }
  });
});

describe('what is in a class folder beside images', () => {
  test('folders are refused, their images included, or passed over', async () => {
    const folder = await folderOf([...idsOf(['a', 'b', 'a/winter/night'], 3), 'a/winter/x.png']);
    expect(await refusal(folder)).toBe(
      'data-folder/subfolder: Expected images directly in the class folder "<folder>/a"; found 1 folder in it: winter. If these are ' +
        'the classes, name the folder that they are in; if their images are of this class, set "subfolders" to "include"; if they ' +
        'are not to be read, to "skip".',
    );
    expect((await partsOf(folder, { subfolders: 'include' })).counts).toEqual([6, 2, 2]);
    const skipped = await open(folder, { subfolders: 'skip' });
    expect(skipped.notes).toContain('Not read, since no image in a class folder: 1: a/winter');
    const included = await open(folder, { subfolders: 'include' });
    const ids = (['train', 'tune', 'val'] as const).flatMap((part) => included.split(part).ids);
    expect(ids).toEqual(expect.arrayContaining(['a/winter/night/2.png', 'a/winter/x.png', 'a/0.png']));
  });

  test('a folder may be called like an image where folders are included', async () => {
    const folder = await folderOf(idsOf(['a', 'b', 'a/x.png'], 3));
    expect((await partsOf(folder, { subfolders: 'include' })).counts).toEqual([5, 2, 2]);
  });

  test('other files stop the study where they are to', async () => {
    const folder = await folderOf(idsOf(['a', 'b'], 3));
    for (const name of ['notes.txt', 'a/x.mp4']) writeFileSync(join(folder, name), '');
    expect(await refusal(folder, { onOther: 'fail' })).toBe(
      'data-folder/other-file: Expected nothing but images in class folders below "<folder>"; found 2 others: notes.txt, a/x.mp4. ' +
        'Remove them, or set "onOther" to "skip".',
    );
  });
});

describe.skipIf(process.platform === 'win32')('links', () => {
  test('are followed, or refused by name', async () => {
    const [folder, elsewhere] = [await folderOf(idsOf(['a', 'b'], 3)), await folderOf(idsOf(['c'], 3), { height: 41 })];
    symlinkSync(join(elsewhere, 'c'), join(folder, 'c'));
    expect((await open(folder)).classes).toEqual(['a', 'b', 'c']);
    expect(await refusal(folder, { links: 'fail' })).toBe(
      'data-folder/link: Expected no symbolic links in "<folder>"; found 1: c. Put what they lead to in their place, or set "links" ' +
        'to "follow".',
    );
  });

  test('that lead back to a folder they are in end in a sentence', async () => {
    const folder = await folderOf(idsOf(['a', 'b'], 3));
    symlinkSync('..', join(folder, 'a/up'));
    expect(await refusal(folder, { subfolders: 'include' })).toMatch(
      /^data-folder\/link: The link "<folder>\/a\/up(\/a)?" leads back/,
    );
  });
});

describe('one content in two parts', () => {
  const copied = async () => {
    const folder = await folderOf([...idsOf(['train/a', 'train/b'], 3), ...idsOf(['val/a', 'val/b'], 2)]);
    copyFileSync(join(folder, 'train/a/1.png'), join(folder, 'val/b/1.png'));
    return folder;
  };

  test('is refused with both names', async () => {
    expect(await refusal(await copied())).toBe(
      'data-folder/duplicate: Expected no image in two parts of the dataset; 1 file has the content of one in another part:\n' +
        '  <folder>/train/a/1.png = <folder>/val/b/1.png\n' +
        'Delete one of each, or set "onDuplicate" to "skip", which leaves the second out, or to "warn".',
    );
  });

  test('is left out of the later part, as report and digest say', async () => {
    const folder = await copied();
    const val = (await open(folder, { onDuplicate: 'skip' })).split('val');
    expect(val.ids).toEqual(['val/a/0.png', 'val/a/1.png', 'val/b/0.png']);
    expect(val.leftOut).toEqual([{ id: 'val/b/1.png', reason: 'it has the content of train/a/1.png' }]);
    rmSync(join(folder, 'val/b/0.png'));
    expect(await refusal(folder, { onDuplicate: 'skip' })).toMatch(
      /^data-folder\/duplicate: Nothing of the class "b" is left to evaluate on: .* such as <folder>\/val\/b\/1\.png\. Add others\./,
    );
  });

  test('and in two classes of one part is said', async () => {
    const folder = await tinyFolder();
    copyFileSync(join(folder, 'val/ant/ant_0.JPEG'), join(folder, 'val/cat/copy.JPEG'));
    expect((await open(folder)).notes).toContain(
      'One content in two classes of a part: 1: val/ant/ant_0.JPEG = val/cat/copy.JPEG',
    );
  });

  test('is only said', async () => {
    const dataset = await open(await copied(), { onDuplicate: 'warn' });
    expect(dataset.split('val').ids).toHaveLength(4);
    expect(dataset.notes).toContain('In two parts: 1: train/a/1.png = val/b/1.png');
  });
});
