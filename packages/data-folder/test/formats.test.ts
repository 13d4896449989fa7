import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { decodeImage, everyFormat, plainReading } from '@espalier/data-folder';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { folderOf, gradient, idsOf, open, picture, refusal } from './tiny-folder.ts';

const reading = { ...plainReading, formats: everyFormat };
const image = () => picture(30, 40, 3);
const two = async () =>
  sharp([await image().png().toBuffer(), await picture(30, 40, 4).png().toBuffer()], { join: { animated: true } });

const formats: Readonly<Record<string, readonly [() => Promise<Buffer>, number]>> = {
  // The largest mean distance of a byte from what was written: lossless formats lose nothing.
  'jpeg of the best quality': [() => image().jpeg({ quality: 100 }).toBuffer(), 2],
  png: [() => image().png().toBuffer(), 0],
  'png of 16 bits': [() => image().toColourspace('rgb16').png().toBuffer(), 0.5],
  'interlaced png': [() => image().png({ progressive: true }).toBuffer(), 0],
  'png with a palette': [() => image().png({ palette: true }).toBuffer(), 6],
  webp: [() => image().webp({ lossless: true }).toBuffer(), 0],
  'lossy webp': [() => image().webp({ quality: 95 }).toBuffer(), 4],
  gif: [() => image().gif().toBuffer(), 6],
  tiff: [() => image().tiff({ compression: 'lzw' }).toBuffer(), 0],
  'tiff with jpeg inside': [() => image().tiff().toBuffer(), 4],
  avif: [() => image().avif({ effort: 0, quality: 90 }).toBuffer(), 4],
  'the first frame of an animated gif': [async () => (await two()).gif().toBuffer(), 6],
  'the first frame of an animated webp': [async () => (await two()).webp({ lossless: true }).toBuffer(), 0],
  'the first page of a tiff': [async () => (await two()).tiff({ compression: 'lzw' }).toBuffer(), 0],
};

describe('what sharp reads becomes the same RGB bytes', () => {
  test.each(Object.entries(formats))('%s', async (_, [make, most]) => {
    const { data, height, width } = await decodeImage(await make(), reading);
    expect([height, width, data.length]).toEqual([30, 40, 3600]);
    const expected = gradient(30, 40, 3);
    const mean = data.reduce((sum, value, i) => sum + Math.abs(value - expected[i]!), 0) / data.length;
    expect(mean).toBeLessThanOrEqual(most);
  });

  test.each(['webp', 'gif', 'tiff', 'avif'])('a %s that is cut short is told', async (format) => {
    const [make] = formats[format]!;
    const content = await make();
    for (const share of [0.1, 0.5, 0.9])
      await expect(decodeImage(content.subarray(0, share * content.length), reading)).rejects.toThrow(
        /^it is damaged: its decoder says /,
      );
  });

  test('of 16 bits the upper 8 are kept, of greyscale too', async () => {
    const values = Uint16Array.of(0, 255, 256, 511, 32768, 65535);
    const grey = sharp(values, { raw: { width: 3, height: 2, channels: 1 } }).toColourspace('grey16');
    const { data } = await decodeImage(await grey.png().toBuffer(), reading);
    expect([...data]).toEqual([...values].flatMap((value) => [value >> 8, value >> 8, value >> 8]));
  });

  test('one bit is black or white', async () => {
    const bits = Uint8Array.of(0, 255, 255, 0, 0, 255, 0, 255);
    const tiff = sharp(bits, { raw: { width: 4, height: 2, channels: 1 } })
      .toColourspace('b-w')
      .tiff({ bitdepth: 1, compression: 'none' });
    expect([...(await decodeImage(await tiff.toBuffer(), reading)).data].filter((_, i) => i % 3 === 0)).toEqual([
      ...bits,
    ]);
  });

  test('transparency is laid on the colour that is chosen, in part where it is partial', async () => {
    const pixels = Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 255, 0, 0, 0, 128, 9, 9, 9, 0);
    const png = await sharp(pixels, { raw: { width: 2, height: 2, channels: 4 } })
      .png()
      .toBuffer();
    const { data } = await decodeImage(png, { ...reading, background: '#ff8000' });
    expect([...data].slice(0, 6)).toEqual([255, 128, 0, 255, 0, 0]);
    expect(Math.abs(data[6]! - 127)).toBeLessThanOrEqual(1);
    expect([...data].slice(9)).toEqual([255, 128, 0]);
  });
});

const float = sharp(
  Float32Array.from({ length: 27 }, (_, i) => i / 27),
  { raw: { width: 3, height: 3, channels: 3 } },
);

test('what is a picture and is not read is named, never passed over', async () => {
  const folder = await folderOf(idsOf(['a', 'b'], 3));
  const others: Readonly<Record<string, Uint8Array>> = {
    'a/drawing.svg': Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
    'a/x.BMP': Buffer.concat([Buffer.from('BM'), Buffer.alloc(12), Buffer.of(40, 0, 0, 0), Buffer.alloc(40)]),
    'b/float.tif': await float.toColourspace('scrgb').tiff({ compression: 'none' }).toBuffer(),
    'b/photo.CR2': Buffer.from('II*\0\x10\0\0\0CR\x02\0'),
    'b/phone.heic': Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'),
  };
  for (const [id, content] of Object.entries(others)) writeFileSync(join(folder, id), content);
  const text = await refusal(folder, { tuneFraction: 0, valFraction: 0.3 });
  expect(text).toMatch(
    /^core\/data-corrupt: Expected whole JPEG, PNG, WebP, GIF, TIFF or AVIF images; \d of them cannot be decoded:\n/,
  );
  expect(text).toContain('<folder>/a/drawing.svg: it is an SVG drawing\n');
  expect(text).toContain('<folder>/a/x.BMP: it is a BMP image\n');
  expect(text).toMatch(/photo\.CR2: it is damaged: its decoder says "/);
  expect(text).toMatch(/phone\.heic: it is /);
});

test('the ending of a name is read in any case, and says nothing of the format', async () => {
  const folder = await folderOf(idsOf(['a', 'b'], 3));
  const others = { 'a/x.JPG': 'webp', 'a/y.Png': 'tiff', 'b/z.WEBP': 'gif', 'b/w.tIFF': 'jpeg' } as const;
  for (const [seed, [id, format]] of Object.entries(others).entries())
    writeFileSync(
      join(folder, id),
      await picture(40, 48, 50 + seed)
        .toFormat(format)
        .toBuffer(),
    );
  const dataset = await open(folder);
  const ids = (['train', 'tune', 'val'] as const).flatMap((part) => dataset.split(part).ids);
  expect(ids).toEqual(expect.arrayContaining(Object.keys(others)));
});

test('pages and frames that are not read are said; an APNG is told from a PNG', async () => {
  const folder = await folderOf(idsOf(['a', 'b'], 3));
  writeFileSync(join(folder, 'a/0.gif'), await (await two()).gif().toBuffer());
  const png = await picture(40, 48, 9).png().toBuffer();
  const control = Buffer.from('000000086163544c0000000200000000', 'hex');
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(control.subarray(4)));
  writeFileSync(join(folder, 'a/1.png'), Buffer.concat([png.subarray(0, 33), control, sum, png.subarray(33)]));
  expect((await open(folder)).notes).toContainEqual(
    expect.stringMatching(
      /^Of several pages or frames the first is read: 2: (a\/0\.gif, a\/1\.png|a\/1\.png, a\/0\.gif)$/,
    ),
  );
});

describe('an EXIF orientation', () => {
  const turned = async () => {
    const folder = await folderOf(idsOf(['a', 'b'], 3));
    const file = await picture(40, 60, 9).withMetadata({ orientation: 6 }).png().toBuffer();
    for (const id of ['a/0.png', 'a/1.png', 'a/2.png']) writeFileSync(join(folder, id), file);
    return folder;
  };

  test('is left alone and said, or applied', async () => {
    const folder = await turned();
    const ignored = await open(folder, { onDuplicate: 'warn', resizeRatio: 1, size: 40 });
    expect(ignored.notes).toContainEqual(
      expect.stringMatching(/^Turned by their EXIF orientation, which is not applied \(option "orientation"\): 3: a\//),
    );
    const applied = await open(folder, { onDuplicate: 'warn', orientation: 'apply' });
    const [asStored] = await ignored.split('val').pixels([0]);
    const [upright] = await applied.split('val').pixels([0]);
    expect([asStored!.height, asStored!.width, upright!.height, upright!.width]).toEqual([40, 60, 60, 40]);
    // Orientation 6 is turned by 90 degrees clockwise: the lower left corner comes to the upper left.
    expect([...upright!.data.subarray(0, 3)]).toEqual([...asStored!.data.subarray(39 * 60 * 3, 39 * 60 * 3 + 3)]);
  });

  test('boxes are in pixels of the image as it is read', async () => {
    const folder = await turned();
    const boxes = join(folder, 'boxes.csv');
    writeFileSync(boxes, 'id,xmin,ymin,xmax,ymax\na/0.png,0,0,40,60\n');
    const options = { onDuplicate: 'warn', boxes };
    await expect(open(folder, { ...options, orientation: 'apply' })).resolves.toMatchObject({ classes: ['a', 'b'] });
    await expect(open(folder, options)).rejects.toThrow(
      /a\/0\.png: xmin 0, ymin 0, xmax 40, ymax 60 in 60 x 40 pixels/,
    );
  });
});

describe('sizes', () => {
  test('an image of more pixels than are allowed is damaged, also when it was read before', async () => {
    const folder = await folderOf(idsOf(['a', 'b'], 3));
    const text = await refusal(folder, { mostMegapixels: 0.001 });
    expect(text).toContain('<folder>/a/0.png: it has 48 x 40 pixels, more than 1000; make it smaller');
  });

  test('a strip that would be resized to very many pixels is told by its size', async () => {
    const folder = await folderOf(idsOf(['a', 'b'], 3));
    writeFileSync(
      join(folder, 'a/0.png'),
      await sharp({ create: { width: 1, height: 9000, channels: 3, background: '#123' } })
        .png()
        .toBuffer(),
    );
    expect(await refusal(folder, { size: 224 })).toContain(
      '<folder>/a/0.png: it has 1 x 9000 pixels, which would be resized to 256 x 2304000, more than 100000000 pixels; crop it',
    );
  });
});
