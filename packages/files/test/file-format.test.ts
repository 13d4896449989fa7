import { ndArray } from '@espalier/core';
import { type FormatName, fileFormat, foundInstead } from '@espalier/files';
import { writeNpy, writeSafetensors } from '@espalier/formats';
import { expect, test } from 'vitest';

const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

// A local file header of zip: signature, 22 bytes, the two lengths, the name.
const zipOf = (name: string) =>
  bytes(`PK\x03\x04${'\0'.repeat(22)}${String.fromCharCode(name.length)}\0\0\0${name}\x80\x02}q\0.`);

const heif = (brand: string) => bytes(`\0\0\0\x18ftyp${brand}\0\0\0\0mif1`);

const files: readonly (readonly [FormatName, Uint8Array])[] = [
  ['empty', bytes('')],
  ['zeros', new Uint8Array(200_000)],
  ['git-lfs-pointer', bytes('version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n')],
  ['git-annex-pointer', bytes('/annex/objects/SHA256E-s10--ab.jpg\n')],
  ['html', bytes('<!DOCTYPE html>\n<html><head>')],
  ['html', bytes('\xef\xbb\xbf\r\n <!-- saved --><!-- twice --> <HTML lang="en">')],
  ['svg', bytes('<svg xmlns="http://www.w3.org/2000/svg">')],
  ['svg', bytes('<?xml version="1.0"?>\n<!-- drawn -->\n<svg width="3">')],
  ['xml', bytes('<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>')],
  ['jpeg', bytes('\xff\xd8\xff\xe0\0\x10JFIF')],
  ['png', bytes('\x89PNG\r\n\x1a\n\0\0\0\rIHDR')],
  ['gif', bytes('GIF89a')],
  ['webp', bytes('RIFF\x10\0\0\0WEBPVP8 ')],
  ['tiff', bytes('II*\0\x08\0\0\0')],
  ['bmp', bytes('BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0')],
  ['heif', heif('heic')],
  ['heif', heif('avif')],
  ['jpeg-xl', bytes('\xff\x0a\xfa\x1f')],
  ['pdf', bytes('%PDF-1.7\n%\xe2\xe3')],
  ['torch-zip', zipOf('archive/data.pkl')],
  ['torch-zip', zipOf('resnet18/.format_version')],
  ['numpy-zip', zipOf('images.npy')],
  ['zip', zipOf('imagenette2/train/a.JPEG')],
  ['torch-pickle', bytes('\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.')],
  ['pickle', bytes('\x80\x04\x95\x10\0\0')],
  ['hdf5', bytes('\x89HDF\r\n\x1a\n')],
  ['numpy', writeNpy(ndArray('n', [2]))],
  ['gzip', bytes('\x1f\x8b\x08\0')],
  ['tar', bytes(`imagenette2/${'\0'.repeat(245)}ustar\x0000`)],
  ['safetensors', writeSafetensors(new Map([['weight', ndArray('n', [2])]]))],
  ['onnx', bytes('\x08\x07\x12\x07pytorch\x1a\x052.1.0')],
  ['utf-16', bytes('\xff\xfe{\0"\0')],
  ['json', bytes('\xef\xbb\xbf[\n  {"id": "val/a.JPEG"}]')],
  ['text', bytes('id,xmin,ymin,xmax,ymax\nval/gr\xc3\x80n.JPEG,1,2,3,4\n')],
];

test.each(files)('%s is told by its first bytes', (name, file) => {
  expect(fileFormat(file)?.name).toBe(name);
});

test('bytes that tell nothing have no format', () => {
  expect(fileFormat(bytes('\x01\x02\x03\x04\x05'))).toBeUndefined();
  expect(foundInstead(bytes('\x01\x02\x03\x04\x05'))).toBeUndefined();
  expect(fileFormat(bytes('BMx with a tab\0and more text'))).toBeUndefined();
});

test('any number of bytes, and comments without an end, are looked at in no time', () => {
  const started = performance.now();
  for (const text of ['<!-- -->'.repeat(500), '<!--'.repeat(1000), ' '.repeat(4096), '\0\0\0\x18ftyp'.repeat(400)]) {
    for (let length = 0; length <= 64; length++) fileFormat(bytes(text).subarray(0, length));
    fileFormat(bytes(text));
  }
  expect(performance.now() - started).toBeLessThan(1000);
});

test('a clause for an error says what is there, and what to do where that is known', () => {
  expect(foundInstead(bytes('version https://git-lfs.github.com/spec/v1\n'))).toBe(
    'it is a Git LFS pointer; fetch the file that it stands for with "git lfs pull"',
  );
  expect(foundInstead(bytes('%PDF-1.7'))).toBe('it is a PDF document');
});
