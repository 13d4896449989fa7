import { crc32 } from 'node:zlib';
import { type RandomStream, randomStream } from '@espalier/core';
import type { EditedImage } from './jpeg-edits.ts';
import { bytesOf, oneOf } from './random-choice.ts';

const signatureBytes = 8;

/** One edit of `png`: the same for the same `label`. */
export function editedPng(png: Uint8Array, label: string): EditedImage {
  const random = randomStream(0, 'png', label);
  const chunks = chunksOf(png);
  const at = 1 + random.integer(chunks.length - 1);
  const joined = (parts: readonly Uint8Array[]): Uint8Array =>
    Buffer.concat([png.subarray(0, signatureBytes), ...parts]);
  const edits: readonly (() => EditedImage)[] = [
    () => ({
      edit: 'a text is added',
      is: 'the same image',
      bytes: joined(chunks.toSpliced(at, 0, chunk('tEXt', Buffer.from('Comment\0of a test')))),
    }),
    () => ({
      edit: 'a private chunk is added',
      is: 'the same image',
      bytes: joined(chunks.toSpliced(at, 0, chunk('teSt', bytesOf(random, random.integer(100))))),
    }),
    () => ({
      edit: 'its pixels lie in two chunks',
      is: 'the same image',
      bytes: joined(withPixelsSplit(chunks, random)),
    }),
    () => ({ edit: 'a bit is another', is: 'damaged', bytes: joined(withBitChanged(chunks, random)) }),
    () => ({
      edit: 'it is cut short',
      is: 'damaged',
      bytes: png.subarray(0, random.integer(png.length - chunks.at(-1)!.length)),
    }),
    () => ({
      edit: 'its pixels are missing',
      is: 'damaged',
      bytes: joined(chunks.filter((each) => typeOf(each) !== 'IDAT')),
    }),
  ];
  return oneOf(random, edits)();
}

function chunksOf(png: Uint8Array): readonly Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = signatureBytes; at < png.length; at += chunks.at(-1)!.length) {
    const length = Buffer.from(png.subarray(at, at + 4)).readUInt32BE();
    chunks.push(png.subarray(at, at + length + 12));
  }
  return chunks;
}

function chunk(type: string, content: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const frame = Buffer.alloc(body.length + 8);
  frame.writeUInt32BE(content.length);
  frame.set(body, 4);
  frame.writeUInt32BE(crc32(body), body.length + 4);
  return frame;
}

function typeOf(chunk: Uint8Array): string {
  return Buffer.from(chunk.subarray(4, 8)).toString('latin1');
}

function withPixelsSplit(chunks: readonly Uint8Array[], random: RandomStream): readonly Uint8Array[] {
  return chunks.flatMap((each) => {
    if (typeOf(each) !== 'IDAT') return [each];
    const content = each.subarray(8, -4);
    const at = random.integer(content.length);
    return [chunk('IDAT', content.subarray(0, at)), chunk('IDAT', content.subarray(at))];
  });
}

/** What a chunk holds, or its checksum, is another: of the head or the pixels, since what else there is need not be read. */
function withBitChanged(chunks: readonly Uint8Array[], random: RandomStream): readonly Uint8Array[] {
  const type = oneOf(random, ['IHDR', 'IDAT']);
  return chunks.map((each) => {
    if (typeOf(each) !== type) return each;
    const copy = each.slice();
    copy[8 + random.integer(copy.length - 8)]! ^= 1 << random.integer(8);
    return copy;
  });
}
