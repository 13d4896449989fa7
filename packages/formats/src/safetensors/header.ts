import { StudyError } from '@espalier/core';
import { type ElementType, elementTypes } from './element-types.ts';
import { type HeaderJson, HeaderNumber, HeaderSyntaxError, parseHeaderJson } from './header-json.ts';

/** Where a tensor lies; `from` and `to` count from the start of the file. */
export interface StoredTensor {
  readonly name: string;
  readonly dtype: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly from: number;
  readonly to: number;
}

export interface SafetensorsHeader {
  /** In the header's order. */
  readonly tensors: readonly StoredTensor[];
  readonly metadata: Readonly<Record<string, string>>;
}

// A header larger than this is an attack or a damaged file; the reference implementation's limit.
const largestHeader = 100_000_000n;

/** Sizes are unsigned words of 64 bits; a product beyond is refused, even where a later factor is 0. */
const largestSize = 2n ** 64n - 1n;

/**
 * The header of a safetensors file, checked as the reference implementation checks it: the tensors fill the rest of the file without
 * holes and overlaps, and each one's shape and type need exactly its bytes.
 *
 * @param file the whole file, or as much of it as holds the header
 * @param size bytes of the whole file
 * @throws StudyError `files/invalid`
 */
export function readHeader(file: Uint8Array, name: string, size = file.byteLength): SafetensorsHeader {
  const { text, start } = headerText(file, name, size);
  const header = parsed(text, name);
  const metadata = readMetadata(header.get('__metadata__') ?? null, name);
  const entries = [...header].filter(([key]) => key !== '__metadata__');
  const tensors = entries.map(([key, entry]) => readEntry(key, entry, name));
  checkPlaces(tensors, BigInt(size - start), name);
  return {
    metadata,
    tensors: tensors.map(({ from, to, shape, ...rest }) => {
      return { ...rest, shape: shape.map(Number), from: start + Number(from), to: start + Number(to) };
    }),
  };
}

function headerText(file: Uint8Array, name: string, size: number): { readonly text: string; readonly start: number } {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const length = file.byteLength < 8 ? -1n : view.getBigUint64(0, true);
  if (length < 0n || length > largestHeader || Number(length) + 8 > file.byteLength) {
    throw invalidFile(name, `its first 8 bytes must give the length of a header inside its ${size} bytes`);
  }
  const start = 8 + Number(length);
  try {
    // A byte order mark is no part of JSON.
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    return { text: decoder.decode(file.subarray(8, start)), start };
  } catch (cause) {
    throw invalidFile(name, 'its header must be JSON in UTF-8', cause);
  }
}

function parsed(text: string, name: string): ReadonlyMap<string, HeaderJson> {
  let value: HeaderJson;
  try {
    value = parseHeaderJson(text);
  } catch (cause) {
    if (!(cause instanceof HeaderSyntaxError)) throw cause;
    throw invalidFile(name, `its header must be JSON: ${cause.message}`, cause);
  }
  if (!(value instanceof Map)) throw invalidFile(name, 'its header must be a JSON object');
  return value;
}

function readMetadata(value: HeaderJson, name: string): Record<string, string> {
  const entries = value === null ? [] : value instanceof Map ? [...value] : undefined;
  if (entries?.every((entry): entry is [string, string] => typeof entry[1] === 'string')) {
    return Object.fromEntries(entries);
  }
  throw invalidFile(name, '"__metadata__" must map names to texts');
}

interface Entry extends Omit<StoredTensor, 'shape' | 'from' | 'to'> {
  readonly shape: readonly bigint[];
  readonly from: bigint;
  readonly to: bigint;
}

function readEntry(key: string, entry: HeaderJson, name: string): Entry {
  const problem = (text: string) => invalidFile(name, `"${key}" must have ${text}`);
  const [dtype, shape, offsets] = fieldsOf(entry) ?? [];
  const type = typeof dtype === 'string' ? elementTypes.get(dtype) : undefined;
  if (typeof dtype !== 'string' || !type) {
    throw problem(`one of the types ${[...elementTypes.keys()].join(', ')}; found ${JSON.stringify(dtype)}`);
  }
  const sizes = sizesOf(shape);
  if (!sizes) throw problem('a shape of whole numbers');
  const [from, to, ...more] = sizesOf(offsets) ?? [];
  if (from === undefined || to === undefined || more.length > 0) throw problem('two data_offsets');
  return { name: key, dtype, type, shape: sizes, from, to };
}

/** Type, shape and offsets: by name, or as a list of three, which the reference implementation takes, too. */
function fieldsOf(entry: HeaderJson): readonly (HeaderJson | undefined)[] | undefined {
  const list = Array.isArray(entry) && entry.length === 3 ? (entry as readonly HeaderJson[]) : undefined;
  const fields = entry instanceof Map ? ['dtype', 'shape', 'data_offsets'].map((field) => entry.get(field)) : list;
  if (!fields) return undefined;
  const [dtype, ...rest] = fields;
  return [typeNameOf(dtype), ...rest];
}

/** A type is a text, or an object of that one key and null: two ways in which serde writes a name out of a list. */
function typeNameOf(dtype: HeaderJson | undefined): HeaderJson | undefined {
  if (!(dtype instanceof Map) || dtype.size !== 1) return dtype;
  const [[name, value]] = [...dtype] as [[string, HeaderJson]]; // its size was just checked
  return value === null ? name : dtype;
}

function sizesOf(list: HeaderJson | undefined): readonly bigint[] | undefined {
  if (!Array.isArray(list)) return undefined;
  const sizes = (list as readonly HeaderJson[]).map((item) =>
    item instanceof HeaderNumber && /^\d{1,20}$/.test(item.text) ? BigInt(item.text) : -1n,
  );
  return sizes.every((size) => size >= 0n && size <= largestSize) ? sizes : undefined;
}

function checkPlaces(tensors: readonly Entry[], space: bigint, name: string): void {
  const ordered = [...tensors].sort((a, b) => compare(a.from, b.from) || compare(a.to, b.to));
  let end = 0n;
  for (const { name: key, shape, type, from, to } of ordered) {
    const bits = bitsOf(shape, type);
    if (bits === undefined || bits % 8n !== 0n) {
      throw invalidFile(
        name,
        `"${key}" has the shape [${shape.join(', ')}], which fills no whole number of bytes below 2^64`,
      );
    }
    if (from !== end || to - from !== bits / 8n || to > space) {
      throw invalidFile(
        name,
        `"${key}" must lie inside the file, begin where the tensor before it ends (byte ${end} of its data) and hold ${bits / 8n} bytes; ` +
          `found bytes ${from} to ${to} of ${space}`,
      );
    }
    end = to;
  }
  if (end === space) return;
  throw invalidFile(name, `its tensors end at byte ${end} of its data, which is ${space} bytes long`);
}

function bitsOf(shape: readonly bigint[], { bits }: ElementType): bigint | undefined {
  let product = 1n;
  for (const factor of [...shape, BigInt(bits)]) {
    product *= factor;
    if (product > largestSize) return undefined;
  }
  return product;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The error of a file that is no safetensors file. */
export function invalidFile(name: string, problem: string, cause?: unknown): StudyError {
  return new StudyError(
    'files/invalid',
    `${name} is not a readable safetensors file: ${problem}. Write or download it again.`,
    { cause },
  );
}
