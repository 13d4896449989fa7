import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseOptions } from '@espalier/core';
import { imageFolder } from '@espalier/data-folder';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { folderOf, idsOf, open, picture, quietServices, refusal, temporaryFolder } from './tiny-folder.ts';

const classes = ['a', 'b'];

/** A data set in one folder of 40 x 64 pixels, with a folder of no masks yet. */
async function unmasked() {
  const [folder, masks] = [await folderOf(idsOf(classes, 3), { height: 40, width: 64 }), temporaryFolder()];
  for (const name of classes) mkdirSync(join(masks, name));
  const val = (await open(folder)).split('val').ids;
  return { folder, masks, id: val[0]!, other: val[1]! };
}

/** A mask of 40 x 64 pixels whose columns 16 to 31 of rows 0 to 9 have this value; all others have `rest`. */
function maskOf(value: number, rest = 0): Uint8Array {
  return Uint8Array.from({ length: 40 * 64 }, (_, i) => (i < 640 && i % 64 >= 16 && i % 64 < 32 ? value : rest));
}

const grey = (data: Uint8Array | Uint16Array) => sharp(data, { raw: { width: 64, height: 40, channels: 1 } });

// 40 x 64 at size 40, ratio 1: columns 12 to 51 are seen, so the object is at columns 4 to 19 of rows 0 to 9.
const expected = Uint8Array.from({ length: 1600 }, (_, i) => Number(i < 400 && i % 40 >= 4 && i % 40 < 20));

async function regionOf(folder: string, masks: string, options: object = {}) {
  const val = (await open(folder, { masks, size: 40, resizeRatio: 1, ...options })).split('val');
  return Promise.all([0, 1].map((index) => val.truth!(index)));
}

describe('a mask', () => {
  const writers: Readonly<Record<string, readonly [string, () => Promise<Buffer>]>> = {
    'of 0 and 255': ['png', () => grey(maskOf(255)).png().toBuffer()],
    'of the number of an object': ['PNG', () => grey(maskOf(1)).png().toBuffer()],
    'of small numbers in 16 bits': [
      'png',
      () =>
        grey(Uint16Array.from(maskOf(3)))
          .toColourspace('grey16')
          .png()
          .toBuffer(),
    ],
    'of colours': ['gif', () => grey(maskOf(255)).toColourspace('srgb').tint('#ff0000').gif().toBuffer()],
    'in a tiff': ['tif', () => grey(maskOf(7)).toColourspace('b-w').tiff({ compression: 'lzw' }).toBuffer()],
    'that is transparent where there is nothing': ['png', () => transparent()],
  };

  function transparent(): Promise<Buffer> {
    const rgba = Uint8Array.from(maskOf(255)).reduce<number[]>((all, alpha) => all.concat(255, 255, 255, alpha), []);
    return sharp(Uint8Array.from(rgba), { raw: { width: 64, height: 40, channels: 4 } })
      .png()
      .toBuffer();
  }

  test.each(Object.entries(writers))(
    '%s is the region "object" of its image, whose others have none',
    async (_, [ending, make]) => {
      const { folder, masks, id } = await unmasked();
      writeFileSync(join(masks, id.replace('png', ending)), await make());
      const [region, none] = await regionOf(folder, masks);
      expect(region).toEqual([{ name: 'object', mask: expected }]);
      expect(none).toEqual([]);
    },
  );

  test('is sampled at the centres of pixels when its image is resized', async () => {
    const { folder, masks, id } = await unmasked();
    writeFileSync(join(masks, id), await grey(maskOf(255)).png().toBuffer());
    const [region] = await regionOf(folder, masks, { size: 20 });
    const half = Uint8Array.from({ length: 400 }, (_, i) => Number(i < 100 && i % 20 >= 2 && i % 20 < 10));
    expect(region![0]!.mask).toEqual(half);
  });

  test('may lie in the folder of the images, and is another fingerprint when it changes', async () => {
    const { folder, masks, id } = await unmasked();
    const inside = join(folder, 'masks');
    renameSync(masks, inside);
    const fingerprint = () =>
      imageFolder.fingerprint!(parseOptions(imageFolder, { folder, masks: inside, size: 32 }), quietServices());
    writeFileSync(join(inside, id), await grey(maskOf(255)).png().toBuffer());
    const before = await fingerprint();
    writeFileSync(join(inside, id), await grey(maskOf(255, 1)).png().toBuffer());
    expect(await fingerprint()).not.toBe(before);
    expect((await regionOf(folder, inside))[0]![0]!.mask.every((byte) => byte === 1)).toBe(true);
  });

  test('that changes under a run is told', async () => {
    const { folder, masks, id } = await unmasked();
    writeFileSync(join(masks, id), await grey(maskOf(255)).png().toBuffer());
    const val = (await open(folder, { masks })).split('val');
    writeFileSync(join(masks, id), await grey(maskOf(1)).png().toBuffer());
    await expect(val.truth!(0)).rejects.toThrow(/1 of them have changed since/);
  });
});

describe('masks that cannot be those of the images are named together', () => {
  test('for their size, damage, format and names', async () => {
    const { folder, masks, id, other } = await unmasked();
    writeFileSync(join(masks, id), await picture(40, 63, 1).png().toBuffer());
    writeFileSync(join(masks, other), 'no image');
    const problem = async () => (await refusal(folder, { masks })).replaceAll(masks, '<masks>');
    expect(await problem()).toBe(
      'data-folder/mask: Expected one mask per image, named, placed and sized as its image; 2 are not:\n' +
        `  <masks>/${id}: it has 63 x 40 pixels, its image 64 x 40\n` +
        `  <masks>/${other}: it is plain text\n` +
        'Correct these files, or remove them: an image may have no mask.',
    );
    rmSync(join(masks, other));
    writeFileSync(join(masks, id.replace('png', 'jpg')), '');
    writeFileSync(join(masks, id.replace('png', 'gif')), '');
    writeFileSync(join(masks, 'a/nobody.png'), '');
    const text = await problem();
    expect(text).toContain(`<masks>/${id.replace('png', 'jpg')}: its name is not that of a PNG, GIF or TIFF file`);
    expect(text).toContain(`<masks>/${id}: its image has another mask`);
    expect(text).toContain('<masks>/a/nobody.png: no image of the dataset has this name');
  });

  test('where two images have one name', async () => {
    const { folder, masks, id } = await unmasked();
    writeFileSync(join(folder, id.replace('png', 'jpg')), await picture(40, 64, 77).jpeg().toBuffer());
    writeFileSync(join(masks, id), await grey(maskOf(255)).png().toBuffer());
    expect(await refusal(folder, { masks })).toMatch(/both "\w\/\d\.(jpg|png)" and "\w\/\d\.(jpg|png)" have this name/);
  });

  test('where there are none', async () => {
    const { folder, masks } = await unmasked();
    expect((await refusal(folder, { masks })).replaceAll(masks, '<masks>')).toBe(
      'core/data-missing: No image of the dataset has a mask in "<masks>". Set "masks" to a folder that has the mask of ' +
        '<class>/a.jpg at <class>/a.png (with parts: of train/<class>/a.jpg at train/<class>/a.png), or leave it out.',
    );
  });

  test('an image that a cap leaves out may have one', async () => {
    const { folder, masks } = await unmasked();
    for (const id of idsOf(classes, 3)) writeFileSync(join(masks, id), await grey(maskOf(255)).png().toBuffer());
    await expect(open(folder, { masks, trainPerClass: 1 })).resolves.toMatchObject({ classes });
  });
});
