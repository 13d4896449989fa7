import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFrom } from '@espalier/core';
import { imageFolder, readBoxes } from '@espalier/data-folder';
import { describe, expect, test } from 'vitest';
import { quietServices, temporaryFolder, tinyFolder } from './tiny-folder.ts';

const header = 'id,xmin,ymin,xmax,ymax\n';

function fileOf(name: string, content: string | Uint8Array): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, content);
  return path;
}

const numbers = [
  ['', 'an empty field'],
  [' ', 'spaces'],
  ['0x10', 'hexadecimal'],
  ['Infinity', 'infinity'],
  ['1e999', 'more than a number holds'],
  ['NaN', 'no number'],
  ['1_000', 'an underscore'],
  ['"1,5"', 'a decimal comma'],
  ['1 2', 'two numbers'],
  ['true', 'a truth value'],
  ['null', 'null'],
  ['٣', 'digits of another script'],
] as const;

describe('nothing in a boxes file is coerced', () => {
  test.each(numbers)('CSV: %j (%s) is refused as a number, in every column', (text) => {
    for (let column = 1; column <= 4; column++) {
      const fields = ['a', '1', '2', '30', '40'].map((field, i) => (i === column ? text : field));
      const run = () => readBoxes(fileOf('b.csv', `${header}ok,1,2,3,4\n${fields.join(',')}\n`));
      expect(run).toThrow(/1 of its boxes are wrong:\n {2}box 2: [xy]m(in|ax) .*\(line 3, id "a"\)/);
    }
  });

  test.each([['"1"'], ['""'], ['null'], ['true'], ['[1]'], ['1e999'], ['{}']])('JSON: %s is no number', (value) => {
    const json = `[{"id":"a","xmin":${value},"ymin":0,"xmax":3,"ymax":4}]`;
    expect(() => readBoxes(fileOf('b.json', json))).toThrow(/box 1: xmin .*\(id "a"\)/);
  });

  test('decimal numbers are read as they are written', () => {
    const boxes = readBoxes(fileOf('b.csv', `${header}a,0,.5,1e2,+40.\n`));
    expect(boxes.get('a')).toEqual([{ xmin: 0, ymin: 0.5, xmax: 100, ymax: 40 }]);
  });

  test('an empty id is refused', () => {
    expect(() => readBoxes(fileOf('b.csv', `${header},1,2,3,4\n`))).toThrow(/box 1: id must not be empty \(line 2\)/);
  });
});

describe('CSV as programs write it', () => {
  const expected = new Map([['val/a, "b".JPEG', [{ xmin: 1, ymin: 2, xmax: 3, ymax: 4 }]]]);
  test.each([
    ['quoted fields', 'id,xmin,ymin,xmax,ymax\n"val/a, ""b"".JPEG","1","2","3","4"\n'],
    ['a quoted header and CRLF', '"id","xmin","ymin","xmax","ymax"\r\n"val/a, ""b"".JPEG",1,2,3,4\r\n'],
    ['a byte order mark', '\ufeffid,xmin,ymin,xmax,ymax\n"val/a, ""b"".JPEG",1,2,3,4'],
    ['columns in another order', 'ymax,xmax,ymin,xmin,id\n4,3,2,1,"val/a, ""b"".JPEG"\n'],
    ['empty lines and spaces', '\nid, xmin ,ymin,xmax,ymax\n\n"val/a, ""b"".JPEG" , 1,2 ,3,\t4\n \n'],
  ])('with %s is read', (_, text) => {
    expect(readBoxes(fileOf('b.csv', text))).toEqual(expected);
  });

  test('lines are counted as an editor counts them, with CRLF and quoted line ends too', () => {
    const text = 'id,xmin,ymin,xmax,ymax\r\n"a\r\nb",1,2,3,4\r\n\r\nc,x,2,3,4\r\n';
    expect(() => readBoxes(fileOf('b.csv', text))).toThrow(/box 2: xmin expected number, .*\(line 5, id "c"\)/);
  });

  test('JSON with a byte order mark is read, also under another name', () => {
    const json = '\ufeff[{"id":"a","xmin":1,"ymin":2,"xmax":3,"ymax":4}]';
    for (const name of ['b.json', 'b.txt']) expect(readBoxes(fileOf(name, json)).size).toBe(1);
  });
});

describe('a boxes file that cannot be understood says what is wrong', () => {
  const utf16 = Buffer.concat([Buffer.of(0xff, 0xfe), Buffer.from(header, 'utf16le')]);
  test.each([
    ['semicolons', 'id;xmin;ymin;xmax;ymax\na;1;2;3;4\n', /Its columns must be parted by commas/],
    ['a column too many', 'id,xmin,ymin,xmax,ymax,label\n', /its first line must be "id,xmin,ymin,xmax,ymax"/],
    ['a column twice', 'id,xmin,xmin,xmax,ymax\n', /its first line must be/],
    ['a quote that is not closed', `${header}"a,1,2,3,4\n`, /it is not CSV \(Quote Not Closed: .* line 2/],
    ['a quote inside a field', `${header}a"b,1,2,3,4\n`, /it is not CSV \(Invalid Opening Quote: .* line 2/],
    ['no boxes', header, /it has no boxes/],
    ['no boxes in JSON', '[]', /it has no boxes/],
    [
      'the same box twice',
      `${header}a,1,2,3,4\nb,1,2,3,4\na,1,2,3,4.0\n`,
      /box 3: it is the same as box 1 \(line 4, id "a"\)/,
    ],
    ['UTF-16', utf16, /it is text in UTF-16; save it as UTF-8/],
    ['Latin-1', Buffer.from(`${header}caf\xe9,1,2,3,4\n`, 'latin1'), /it is not text in UTF-8/],
    ['annotations in XML', '<?xml version="1.0"?><annotation/>', /it is an XML document/],
    ['an archive', Buffer.from('PK\x03\x04 and so on'), /it is a zip archive; unpack it and name what is inside/],
    ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\n', /it is a Git LFS pointer/],
  ])('%s', (_, content, problem) => {
    const path = fileOf('b.csv', content);
    expect(() => readBoxes(path)).toThrow(`The boxes file "${path}" is not valid: `);
    expect(() => readBoxes(path)).toThrow(problem);
  });

  test('of many wrong boxes ten are named', () => {
    const text = header + Array.from({ length: 25 }, (_, i) => `a${i},,2,3,4\n`).join('');
    expect(() => readBoxes(fileOf('b.csv', text))).toThrow(
      /25 of its boxes are wrong:(\n {2}box .*){10}\n {2}and 15 more\n/,
    );
  });

  test('a folder in its place is refused by its path', () => {
    const path = join(temporaryFolder(), 'boxes.csv');
    mkdirSync(path);
    expect(() => readBoxes(path)).toThrow(`Expected the boxes at ${path}, found a folder. Set the option "boxes" to`);
  });
});

describe('boxes and their images', () => {
  const open = async (rows: string) => {
    const folder = await tinyFolder({ height: 64, width: 96 });
    const boxes = fileOf('b.csv', header + rows);
    return { boxes, run: createFrom(imageFolder, { size: 32, folder, boxes }, quietServices()) };
  };

  test('a box that does not fit its file, as of the full-size original, is refused with file, id, box and size', async () => {
    const { boxes, run } = await open(
      'val/ant/ant_0.JPEG,0,0,96,64\n' + 'val/ant/ant_1.JPEG,10,20,97,64\ntrain/ant/ant_0.JPEG,1,2,3,375.5\n',
    );
    await expect(run).rejects.toMatchObject({
      code: 'files/invalid',
      message:
        `The boxes file "${boxes}" has 2 boxes that do not fit their images:\n` +
        '  val/ant/ant_1.JPEG: xmin 10, ymin 20, xmax 97, ymax 64 in 96 x 64 pixels\n' +
        '  train/ant/ant_0.JPEG: xmin 1, ymin 2, xmax 3, ymax 375.5 in 96 x 64 pixels\n' +
        "Boxes are in pixels of the files in the dataset's folder. If these were measured in the full-size originals, " +
        'scale them as the images were.',
    });
  });

  test('unknown ids are counted', async () => {
    const { run } = await open('a,0,0,1,1\nb,0,0,1,1\nc,0,0,1,1\n');
    await expect(run).rejects.toThrow(/names "a", which is no image of the dataset and 2 more\. Ids are paths/);
  });
});
