import type { ParameterInfo, RandomStream } from '@espalier/core';
import { shuffled } from './random-choice.ts';

/** An array of a state_dict as it is written into a file. */
export interface Entry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

interface ElementType {
  readonly bytes: number;
  readonly write: (view: DataView, at: number, value: number) => void;
}

const upperHalf = (value: number): number => new Uint32Array(Float32Array.of(value).buffer)[0]! >>> 16;

/** Types, and how a number of few digits is written in each. */
const types: Readonly<Record<string, ElementType>> = {
  F64: { bytes: 8, write: (view, at, value) => view.setFloat64(at, value, true) },
  F32: { bytes: 4, write: (view, at, value) => view.setFloat32(at, value, true) },
  F16: { bytes: 2, write: (view, at, value) => view.setUint16(at, half(value), true) },
  BF16: { bytes: 2, write: (view, at, value) => view.setUint16(at, upperHalf(value), true) },
  I64: { bytes: 8, write: (view, at, value) => view.setBigInt64(at, BigInt(Math.trunc(value)), true) },
  I32: { bytes: 4, write: (view, at, value) => view.setInt32(at, value, true) },
  I8: { bytes: 1, write: (view, at, value) => view.setInt8(at, value) },
  U8: { bytes: 1, write: (view, at, value) => view.setUint8(at, value) },
  BOOL: { bytes: 1, write: (view, at, value) => view.setUint8(at, value) },
};

/** IEEE 754 binary16 of a number that it holds, bit by bit: the sign, the exponent, and ten bits of what follows. */
function half(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  if (Number.isNaN(value)) return 0x7e00;
  const size = Math.abs(value);
  if (size === 0) return sign;
  if (size === Number.POSITIVE_INFINITY) return sign | 0x7c00;
  const exponent = Math.floor(Math.log2(size));
  return sign | ((exponent + 15) << 10) | ((size / 2 ** exponent - 1) * 1024);
}

/** A whole network as PyTorch saves it: numbers that every type holds, variances above 0, counts as I64. */
export function soundEntries(parameters: readonly ParameterInfo[], random: RandomStream): readonly Entry[] {
  return parameters.map(({ name, shape }) => {
    const isCount = shape.length === 0;
    const isVariance = name.endsWith('.running_var');
    const value = (): number => {
      if (isCount) return random.integer(1000);
      return isVariance ? (1 + random.integer(15)) / 8 : (random.integer(31) - 15) / 8;
    };
    const values = Array.from({ length: shape.reduce((product, size) => product * size, 1) }, value);
    return { name, dtype: isCount ? 'I64' : 'F32', shape: [...shape], values };
  });
}

/** What a file's header says and its data hold, before they are put together. */
export interface FileParts {
  readonly header: string;
  readonly data: Uint8Array;
}

/** The parts of a safetensors file of these arrays, in an order of its own. */
export function fileParts(entries: readonly Entry[], random: RandomStream, metadata?: unknown): FileParts {
  const pieces: Uint8Array[] = [];
  let at = 0;
  const fields = shuffled(random, entries).map(({ name, dtype, shape, values }) => {
    const { bytes, write } = types[dtype]!;
    const piece = new Uint8Array(values.length * bytes);
    for (const [i, value] of values.entries()) write(new DataView(piece.buffer), i * bytes, value);
    pieces.push(piece);
    const field = spelt(name, { dtype, shape, data_offsets: [at, at + piece.length] }, random);
    at += piece.length;
    return field;
  });
  const told = metadata === undefined ? [] : [`"__metadata__":${JSON.stringify(metadata)}`];
  const text = `{${[...told, ...fields].join(',')}}`;
  return { header: text + ' '.repeat(random.integer(9)), data: Buffer.concat(pieces) };
}

/** An entry of a header in one of the ways that JSON has for it. */
function spelt(name: string, entry: Readonly<Record<string, unknown>>, random: RandomStream): string {
  const escaped = name.replace(/^./, (first) => `\\u00${first.charCodeAt(0).toString(16)}`);
  const names = [JSON.stringify(name), JSON.stringify(name), `"${escaped}"`];
  const fields = Object.fromEntries(shuffled(random, Object.entries(entry)));
  return `${names[random.integer(3)]!}:${JSON.stringify(fields, undefined, random.integer(3) === 0 ? 1 : 0)}`;
}

/** A safetensors file of its parts; `length` is what its first bytes say, where that is not the header's own. */
export function fileOf({ header, data }: FileParts, length = Buffer.byteLength(header)): Uint8Array {
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(length));
  return Buffer.concat([size, Buffer.from(header), data]);
}
