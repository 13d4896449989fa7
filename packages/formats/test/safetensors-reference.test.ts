import { readFileSync } from 'node:fs';
import { StudyError } from '@espalier/core';
import { readSafetensors } from '@espalier/formats';
import { expect, test } from 'vitest';

interface Case {
  readonly name: string;
  readonly header: string;
  readonly data: number;
  readonly pad?: number;
  readonly length?: string;
  readonly whole?: string;
  readonly read?: readonly (readonly [name: string, dtype: string, shape: readonly number[], bytes: string])[];
  readonly refused?: string;
}

interface Fixture {
  readonly cases: readonly Case[];
  readonly bytes: Readonly<Record<string, readonly (number | string)[]>>;
}

const fixture = new URL('fixtures/safetensors-cases.json', import.meta.url);
const { cases, bytes }: Fixture = JSON.parse(readFileSync(fixture, 'utf8'));

/** The format's specification: "Duplicate keys are disallowed. Not all parsers may respect this." The reference does not in these. */
const stricter: ReadonlySet<string> = new Set([
  'twice the same tensor',
  'twice a name, the last one fits',
  'twice a name, once escaped',
  'metadata with a name twice',
  'twice a field that nobody knows',
]);

/** Types that the reference hands over as bytes and that no float32 holds. */
const unreadable = /^(type "(C64|F4|F6_\w+)"|\d values of F[46])/;

function fileOf({ header, data, pad = 0, length, whole }: Case): Uint8Array {
  if (whole !== undefined) return Buffer.from(whole, 'base64');
  const text = Buffer.from(header, 'base64');
  const first = Buffer.alloc(8);
  first.writeBigUInt64LE(BigInt(length ?? text.length + pad));
  return Buffer.concat([
    first,
    text,
    Buffer.alloc(pad, ' '),
    Buffer.from(Array.from({ length: data }, (_, i) => i % 251)),
  ]);
}

function refusal(file: Uint8Array): string | undefined {
  try {
    readSafetensors(file);
    return undefined;
  } catch (error) {
    return StudyError.is(error) ? error.code : `not a StudyError: ${error}`;
  }
}

test.each(cases.map((each) => [each.name, each] as const))('as the reference: %s', (name, each) => {
  const file = fileOf(each);
  if (each.read === undefined || stricter.has(name)) expect(refusal(file)).toBe('files/invalid');
  else if (unreadable.test(name)) expect(refusal(file)).toBe('core/not-supported');
  else {
    const { tensors, dtypes } = readSafetensors(file);
    const found = [...tensors].map(([key, { shape }]) => [key, dtypes.get(key), shape.join()]);
    const expected = each.read.map(([key, dtype, shape]) => [key, dtype, shape.join()]);
    expect(found.toSorted()).toEqual(expected.toSorted());
    for (const [key, dtype, , stored] of each.read)
      if (dtype === 'F32') expect(Buffer.from(tensors.get(key)!.data.buffer).toString('base64')).toBe(stored);
  }
});

test.each(Object.entries(bytes))('every byte of %s means what ml_dtypes says', (dtype, meanings) => {
  const header = Buffer.from(JSON.stringify({ x: { dtype, shape: [256], data_offsets: [0, 256] } })).toString('base64');
  const file = fileOf({ name: '', header, data: 256 });
  file.set(
    Uint8Array.from({ length: 256 }, (_, i) => i),
    file.length - 256,
  );
  const words: Readonly<Record<string, number>> = {
    nan: Number.NaN,
    inf: Number.POSITIVE_INFINITY,
    '-inf': Number.NEGATIVE_INFINITY,
    '-0.0': -0,
  };
  const expected = meanings.map((meaning) => (typeof meaning === 'number' ? meaning : words[meaning]!));
  expect([...readSafetensors(file).tensors.get('x')!.data]).toEqual(expected);
});

test('every type that is read means the same number, by hand', () => {
  const view = new DataView(new ArrayBuffer(8));
  const cases: readonly (readonly [string, number, (view: DataView) => void, number])[] = [
    ['F64', 8, (at) => at.setFloat64(0, -0.1, true), Math.fround(-0.1)],
    ['I8', 1, (at) => at.setInt8(0, -7), -7],
    ['BOOL', 1, (at) => at.setUint8(0, 1), 1],
    ['I16', 2, (at) => at.setInt16(0, -300, true), -300],
    ['U16', 2, (at) => at.setUint16(0, 65_535, true), 65_535],
    ['U32', 4, (at) => at.setUint32(0, 2 ** 31, true), 2 ** 31],
    ['U64', 8, (at) => at.setBigUint64(0, 2n ** 63n, true), 2 ** 63],
  ];
  for (const [dtype, size, write, expected] of cases) {
    write(view);
    const header = Buffer.from(JSON.stringify({ x: { dtype, shape: [], data_offsets: [0, size] } })).toString('base64');
    const file = fileOf({ name: '', header, data: size });
    file.set(new Uint8Array(view.buffer, 0, size), file.length - size);
    expect([...readSafetensors(file).tensors.get('x')!.data], dtype).toEqual([expected]);
  }
});
