import { type NdArray, ndArray, StudyError } from '@espalier/core';
import { readNpy, readSafetensors, writeNpy, writeSafetensors } from '@espalier/formats';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const file = (header: unknown, data: Uint8Array = new Uint8Array()) => {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
};

test('what is written is read back, metadata and order included', () => {
  const tensors = new Map<string, NdArray>([
    ['b.weight', ndArray('o i', [2, 3], Float32Array.of(1, -2, 3.5, 0, -0, 1e-40))],
    ['a', ndArray('', [], Float32Array.of(7))],
    ['empty', ndArray('o', [0])],
  ]);
  const { tensors: read, metadata } = readSafetensors(writeSafetensors(tensors, { made: 'by a test' }));
  expect([...read.keys()]).toEqual(['b.weight', 'a', 'empty']);
  expect(read.get('b.weight')).toEqual(tensors.get('b.weight'));
  expect(read.get('a')?.data).toEqual(Float32Array.of(7));
  expect(metadata).toEqual({ made: 'by a test' });
});

test('half floats are widened: every binary16 and bfloat16 bit pattern', () => {
  const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const read = (dtype: string) =>
    readSafetensors(
      file({ x: { dtype, shape: [65536], data_offsets: [0, 131072] } }, new Uint8Array(bits.buffer)),
    ).tensors.get('x')!.data;
  const half = read('F16');
  // Values from IEEE 754: smallest subnormal, largest subnormal, one, largest, infinity, minus two.
  expect([half[1], half[0x3ff], half[0x3c00], half[0x7bff], half[0x7c00], half[0xc000]]).toEqual([
    2 ** -24,
    1023 * 2 ** -24,
    1,
    65504,
    Number.POSITIVE_INFINITY,
    -2,
  ]);
  expect(half[0x7e00]).toBeNaN();
  const wide = new Float32Array(Uint32Array.from(bits, (value) => value << 16).buffer);
  expect(read('BF16')).toEqual(wide);
});

test('what is read is independent of the file, wherever in a Buffer it begins and whatever its alignment', () => {
  const header = '{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}';
  for (let pad = 0; pad < 8; pad++) {
    const bytes = Buffer.concat([Buffer.alloc(pad), file(header + ' '.repeat(pad), Uint8Array.of(0, 0, 0x80, 0x3f))]);
    const inside = bytes.subarray(pad);
    const { data } = readSafetensors(inside).tensors.get('x')!;
    inside.fill(0);
    expect(data).toEqual(Float32Array.of(1));
  }
});

test('64-bit integers are widened', () => {
  const data = new Uint8Array(BigInt64Array.of(3n, -9n).buffer);
  expect(
    readSafetensors(file({ x: { dtype: 'I64', shape: [2], data_offsets: [0, 16] } }, data)).tensors.get('x')?.data,
  ).toEqual(Float32Array.of(3, -9));
});

const bad: readonly [string, Uint8Array, RegExp][] = [
  ['too short', new Uint8Array(3), /first 8 bytes/],
  ['a header longer than the file', file('{}').map((byte, i) => (i === 0 ? 200 : byte)), /first 8 bytes/],
  ['not JSON', file('{"a":'), /header must be JSON/],
  ['a list', file('[]'), /JSON object/],
  [
    'an unknown type',
    file({ x: { dtype: 'C128', shape: [1], data_offsets: [0, 16] } }, new Uint8Array(16)),
    /found "C128"/,
  ],
  [
    'a type from the prototype',
    file({ x: { dtype: 'constructor', shape: [1], data_offsets: [0, 1] } }, new Uint8Array(1)),
    /found "constructor"/,
  ],
  [
    'data outside the file',
    file({ x: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } }, new Uint8Array(4)),
    /inside the file/,
  ],
  [
    'a shape that lies',
    file({ x: { dtype: 'F32', shape: [3], data_offsets: [0, 8] } }, new Uint8Array(8)),
    /hold 12 bytes/,
  ],
  [
    'a negative size',
    file({ x: { dtype: 'F32', shape: [-1], data_offsets: [0, 4] } }, new Uint8Array(4)),
    /whole numbers/,
  ],
  ['metadata that is not text', file({ __metadata__: { a: 1 } }), /__metadata__/],
];

test.each(bad)('%s is refused as files/invalid', (_, bytes, text) => {
  const read = () => readSafetensors(bytes, 'weights.safetensors');
  expect(read).toThrow(text);
  expect(read).toThrow('weights.safetensors');
  try {
    read();
  } catch (error) {
    expect(StudyError.is(error) && error.code).toBe('files/invalid');
  }
});

test('any mutilated file is read or refused, never worse', () => {
  const good = writeSafetensors(new Map([['w', ndArray('o i', [2, 2], Float32Array.of(1, 2, 3, 4))]]), { a: 'b' });
  const cut = fc.record({ at: fc.nat(good.length - 1), byte: fc.nat(255), length: fc.nat(good.length) });
  fc.assert(
    fc.property(cut, ({ at, byte, length }) => {
      const bytes = good.map((value, i) => (i === at ? byte : value)).subarray(0, length);
      try {
        return readSafetensors(bytes).tensors.size >= 0;
      } catch (error) {
        return StudyError.is(error) && error.code === 'files/invalid';
      }
    }),
    { numRuns: 2000, seed: 1 },
  );
});

test('a key that occurs twice is named', () => {
  const x = '"x":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}';
  expect(() => readSafetensors(file(`{${x},"\\u0078":{}}`))).toThrow('the key "x" occurs twice');
});

test('a number that float32 cannot hold is refused by name and index, not made infinite', () => {
  const data = new Uint8Array(Float64Array.of(1, Number.POSITIVE_INFINITY, -1e39).buffer);
  const read = () => readSafetensors(file({ x: { dtype: 'F64', shape: [3], data_offsets: [0, 24] } }, data), 'w');
  expect(read).toThrow('w: "x" holds -1e+39 at index 2, which is beyond float32');
});

test('long texts and numbers in a header neither overflow a stack nor take long', () => {
  const long = '\\"'.repeat(2_000_000);
  const header = `{"__metadata__":{"a":"${long}"},"x":{"more":0.${'1'.repeat(2_000_000)},"dtype":"F32","shape":[0],"data_offsets":[0,0]}}`;
  expect(readSafetensors(file(header)).metadata.a).toHaveLength(2_000_000);
});

test('names such as __proto__ go around', () => {
  const tensors = new Map([
    ['__proto__', ndArray('o', [1], Float32Array.of(3))],
    ['1', ndArray('o', [1])],
  ]);
  expect([...readSafetensors(writeSafetensors(tensors)).tensors]).toEqual([...tensors]);
});

test('npy files go around, and their data starts at a multiple of 64 bytes', () => {
  const array = ndArray('h w', [2, 3], Float32Array.of(1, 2, 3, 4, 5, 6.5));
  const bytes = writeNpy(array);
  expect((bytes.length - 24) % 64).toBe(0);
  expect(readNpy(bytes)).toEqual({ ...array, axes: 'a0 a1' });
  expect(() => readNpy(bytes.subarray(0, bytes.length - 4))).toThrow(/must hold 6 values/);
});
