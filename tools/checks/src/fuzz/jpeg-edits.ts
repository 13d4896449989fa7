import { type RandomStream, randomStream } from '@espalier/core';
import { bytesOf, oneOf } from './random-choice.ts';

/** A JPEG after one edit, and what has to become of it. */
export interface EditedImage {
  readonly bytes: Uint8Array;
  readonly edit: string;
  /** Whether its pixels are those from before, it has to be refused, or neither is known. */
  readonly is: 'the same image' | 'damaged' | 'something';
}

interface Edit extends Pick<EditedImage, 'edit' | 'is'> {
  make(jpeg: Jpeg, random: RandomStream): Uint8Array;
}

/** A JPEG of one scan, in pieces. */
interface Jpeg {
  /** Segments with their markers, between the start of the image and the scan. */
  readonly segments: readonly Uint8Array[];
  /** The header of the scan. */
  readonly scan: Uint8Array;
  /** What the scan holds, without the end of the image. */
  readonly data: Uint8Array;
}

/** One edit of `jpeg`: the same for the same `label`. */
export function editedJpeg(jpeg: Uint8Array, label: string): EditedImage {
  const random = randomStream(0, 'jpeg', label);
  const { make, ...rest } = oneOf(random, oneOf(random, [harmless, harmful, harmful, unclear]));
  return { bytes: make(pieces(jpeg), random), ...rest };
}

const start = Uint8Array.of(0xff, 0xd8);
const end = Uint8Array.of(0xff, 0xd9);

function pieces(bytes: Uint8Array): Jpeg {
  const segments: Uint8Array[] = [];
  for (let at = 2; ; ) {
    const length = 2 + (bytes[at + 2]! << 8) + bytes[at + 3]!;
    const segment = bytes.subarray(at, at + length);
    if (segment[1] === 0xda) return { segments, scan: segment, data: bytes.subarray(at + length, -2) };
    segments.push(segment);
    at += length;
  }
}

function joined({ segments, scan, data }: Jpeg, tail: Uint8Array = end): Uint8Array {
  return Buffer.concat([start, ...segments, scan, data, tail]);
}

function segment(marker: number, content: Uint8Array): Uint8Array {
  const length = content.length + 2;
  return Buffer.concat([Uint8Array.of(0xff, marker, length >> 8, length & 255), content]);
}

function withSegment(jpeg: Jpeg, added: Uint8Array, random: RandomStream): Uint8Array {
  return joined({ ...jpeg, segments: jpeg.segments.toSpliced(random.integer(jpeg.segments.length + 1), 0, added) });
}

const isOf =
  (...markers: readonly number[]) =>
  (each: Uint8Array): boolean =>
    markers.includes(each[1]!);
const isFrame = isOf(0xc0, 0xc1, 0xc2);
const isHuffmanTable = isOf(0xc4);
const isQuantisationTable = isOf(0xdb);

/** A piece of the data with `length` bytes replaced, away from its first and last. */
function withData(jpeg: Jpeg, random: RandomStream, length: number, put: Uint8Array): Uint8Array {
  const at = 1 + random.integer(jpeg.data.length - length - 2);
  return joined({ ...jpeg, data: Buffer.concat([jpeg.data.subarray(0, at), put, jpeg.data.subarray(at + length)]) });
}

function withFrame(jpeg: Jpeg, change: (frame: Uint8Array) => void): Uint8Array {
  const segments = jpeg.segments.map((each) => {
    const copy = each.slice();
    if (isFrame(each)) change(copy);
    return copy;
  });
  return joined({ ...jpeg, segments });
}

const harmless: readonly Edit[] = [
  {
    edit: 'a comment is added',
    is: 'the same image',
    make: (jpeg, random) => withSegment(jpeg, segment(0xfe, bytesOf(random, random.integer(300))), random),
  },
  {
    edit: 'a segment of some application is added',
    is: 'the same image',
    make: (jpeg, random) => withSegment(jpeg, segment(0xe3 + random.integer(10), bytesOf(random, 50)), random),
  },
  {
    edit: 'a marker has fill bytes before it',
    is: 'the same image',
    make: (jpeg, random) => withSegment(jpeg, new Uint8Array(1 + random.integer(5)).fill(0xff), random),
  },
  {
    edit: 'tables stand in another order',
    is: 'the same image',
    make: ({ segments, ...jpeg }) => {
      const tables = segments.filter(isHuffmanTable);
      return joined({ ...jpeg, segments: [...segments.filter((each) => !isHuffmanTable(each)), ...tables.reverse()] });
    },
  },
];

const harmful: readonly Edit[] = [
  {
    edit: 'it ends in its data',
    is: 'damaged',
    make: (jpeg, random) =>
      joined({ ...jpeg, data: jpeg.data.subarray(0, random.integer(jpeg.data.length - 2)) }, new Uint8Array()),
  },
  {
    edit: 'it ends in its header',
    is: 'damaged',
    make: ({ segments, scan }, random) => {
      const header = Buffer.concat([start, ...segments, scan]);
      return header.subarray(0, 2 + random.integer(header.length - 2));
    },
  },
  {
    edit: 'some of its data is missing, and its end is there',
    is: 'damaged',
    make: (jpeg, random) => joined({ ...jpeg, data: jpeg.data.subarray(0, random.integer(jpeg.data.length >> 1)) }),
  },
  {
    edit: 'another marker stands in its data',
    is: 'damaged',
    make: (jpeg, random) =>
      withData(jpeg, random, 2, Uint8Array.of(0xff, oneOf(random, [0xc4, 0xdb, 0xe0, 0xd8, 0x02]))),
  },
  {
    edit: 'its end comes early',
    is: 'damaged',
    make: (jpeg, random) =>
      joined({
        ...jpeg,
        data: Buffer.concat([jpeg.data.subarray(0, random.integer(jpeg.data.length >> 1)), end, jpeg.data]),
      }),
  },
  {
    edit: 'it is taller than its data',
    is: 'damaged',
    make: (jpeg, random) => withFrame(jpeg, (frame) => frame.set([1 + random.integer(3), 0], 5)),
  },
  {
    edit: 'a table is missing',
    is: 'damaged',
    make: ({ segments, ...jpeg }, random) => {
      const tables = segments.filter((each) => isHuffmanTable(each) || isQuantisationTable(each));
      const lost = oneOf(random, tables);
      return joined({ ...jpeg, segments: segments.filter((each) => each !== lost) });
    },
  },
  {
    edit: 'its frame is missing',
    is: 'damaged',
    make: ({ segments, ...jpeg }) => joined({ ...jpeg, segments: segments.filter((each) => !isFrame(each)) }),
  },
  { edit: 'it has no pixels', is: 'damaged', make: (jpeg) => withFrame(jpeg, (frame) => frame.set([0, 0, 0, 0], 5)) },
  {
    edit: 'it is a page of the web',
    is: 'damaged',
    make: () => Buffer.from('<!DOCTYPE html><html><body>Not found</body></html>'),
  },
  {
    edit: 'it is a pointer of Git LFS',
    is: 'damaged',
    make: () => Buffer.from(`version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 1234\n`),
  },
];

const unclear: readonly Edit[] = [
  {
    edit: 'a bit of its data is another',
    is: 'something',
    make: (jpeg, random) => {
      const data = jpeg.data.slice();
      data[random.integer(data.length)]! ^= 1 << random.integer(8);
      return joined({ ...jpeg, data });
    },
  },
  {
    edit: 'some of its data is zero',
    is: 'something',
    make: (jpeg, random) => {
      const length = 4 + random.integer(20);
      return withData(jpeg, random, length, new Uint8Array(length));
    },
  },
  {
    edit: 'its tables have other values',
    is: 'something',
    make: (jpeg, random) => {
      const segments = jpeg.segments.map((each) => {
        const copy = each.slice();
        if (isQuantisationTable(each)) copy[5 + random.integer(60)] = 1 + random.integer(255);
        return copy;
      });
      return joined({ ...jpeg, segments });
    },
  },
  {
    edit: 'bytes follow its end',
    is: 'something',
    make: (jpeg, random) => joined(jpeg, Buffer.concat([end, bytesOf(random, 1 + random.integer(40))])),
  },
];
