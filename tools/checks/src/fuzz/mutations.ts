import { type RandomStream, randomStream } from '@espalier/core';

// What has broken parsers before.
const hostile: readonly string[] = [
  '"__proto__": {"polluted": true},',
  '"constructor": {"prototype": {"polluted": true}},',
  '{"$from": "__proto__.constructor"}',
  '{"$param": "constructor"}',
  '{"$axis": "__proto__"}',
  '"../../../../etc/passwd"',
  '"/etc/passwd"',
  '"..\\\\..\\\\x"',
  '"\\u0000"',
  '1e999',
  '-1',
  '0.1e-400',
  '99999999999999999999',
  'null',
  'true',
  '{}',
  '[]',
  '""',
  '"a.b.c"',
  '"<script>alert(1)</script>"',
  '// ',
  '/*',
  '\uFEFF',
  '\uD800',
  '9007199254740993',
  '"data_offsets":[-8,9007199254740991],',
  '"shape":[4294967296,4294967296],',
  '"maxInstances": 1e9,',
];

const scalars: readonly string[] = [
  ...hostile.filter((text) => /^("[^:]*"|-?\d[\d.e-]*|null|true|\{\}|\[\])$/.test(text)),
  '"data.eval"',
  '"other.val"',
  '"data/planted"',
  '{"$param":"per"}',
  '{"$axis":"per"}',
  '{"__proto__":1}',
  '[1,2]',
  '0',
  '1',
  '2.5',
  '1e9',
  '"F16"',
  '"1h"',
  `"${'a'.repeat(5000)}"`,
  `[${'['.repeat(70)}${']'.repeat(70)}]`,
];

/** `text`, which is JSON, with some of its names and values replaced: mostly JSON still. The same for the same `label`. */
export function otherValues(text: string, label: string): string {
  const random = randomStream(0, 'values', label);
  let changed = text;
  for (let edits = 1 + random.integer(3); edits > 0; edits--) {
    const tokens = [...changed.matchAll(/"(?:[^"\\]|\\.)*"|-?\d[\d.]*|true|false|null/g)];
    const token = tokens[random.integer(Math.max(1, tokens.length))];
    if (!token) return changed;
    const isName = /^\s*:/.test(changed.slice(token.index + token[0].length));
    const names = scalars.filter((scalar) => scalar.startsWith('"'));
    const put = isName ? names[random.integer(names.length)]! : scalars[random.integer(scalars.length)]!;
    changed = changed.slice(0, token.index) + put + changed.slice(token.index + token[0].length);
  }
  return changed;
}

/** `text`, which is JSON, with a number replaced by another plain one: often as good as before. */
export function otherNumbers(text: string, label: string): string {
  const random = randomStream(0, 'numbers', label);
  const numbers = [...text.matchAll(/(?<![\w"])-?\d[\d.]*(?![\w"])/g)];
  const { index, 0: number } = numbers[random.integer(numbers.length)]!; // there are some
  const put = ['0', '1', '2', '3', '4', '2.5', '0.5', '-1'][random.integer(8)]!;
  return text.slice(0, index) + put + text.slice(index + number.length);
}

/**
 * A variant of one of `seeds`, about half of them with one small edit that often does no harm: the same for the same `label`.
 */
export function mutation(seeds: readonly Uint8Array[], label: string): Uint8Array {
  const random = randomStream(0, 'mutation', label);
  // A copy, and no Buffer: what its slice() gives would share the bytes of the seed.
  let bytes: Uint8Array = Uint8Array.from(seeds[random.integer(seeds.length)]!);
  if (random.integer(2) === 0) return slightlyEdited(bytes, random);
  for (let edits = 1 + random.integer(4); edits > 0; edits--) bytes = edited(bytes, random);
  return bytes;
}

/** One bit, one digit, or some blank after a sign that texts may have it after. */
function slightlyEdited(bytes: Uint8Array, random: RandomStream): Uint8Array {
  const wanted = [() => true, isDigit, isSign][random.integer(3)]!;
  const places = [...bytes.keys()].filter((at) => wanted(bytes[at]!));
  if (places.length === 0) return bytes;
  const at = places[random.integer(places.length)]!;
  if (wanted === isSign) return spliced(bytes, at + 1, 0, Buffer.from([' ', '\n', '\t', '\r\n'][random.integer(4)]!));
  return bytes.with(at, wanted === isDigit ? 0x30 + random.integer(10) : bytes[at]! ^ (1 << random.integer(8)));
}

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
const isSign = (byte: number): boolean => '{}[],:'.includes(String.fromCharCode(byte));

function edited(bytes: Uint8Array, random: RandomStream): Uint8Array {
  const at = random.integer(bytes.length + 1);
  switch (random.integer(9)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return spliced(bytes, at, random.integer(60), new Uint8Array());
    case 2: {
      const copy = Uint8Array.from(bytes);
      if (copy.length > 0) copy[at % copy.length]! ^= 1 << random.integer(8);
      return copy;
    }
    case 3: {
      const from = random.integer(bytes.length + 1);
      return spliced(bytes, at, 0, bytes.subarray(from, from + random.integer(200)));
    }
    case 4: {
      const depth = 1 + random.integer(3000);
      const [open, close] = random.integer(2) === 0 ? ['[', ']'] : ['{"a":', '}'];
      return spliced(bytes, at, 0, Buffer.from(`${open.repeat(depth)}1${close.repeat(depth)}`));
    }
    case 5:
      return spliced(bytes, at, random.integer(8), Buffer.from([random.integer(256), random.integer(256)]));
    case 6:
      return spliced(bytes, at, 0, Buffer.from(`"${'x'.repeat(random.integer(20_000))}"`));
    default:
      return spliced(bytes, at, random.integer(12), Buffer.from(hostile[random.integer(hostile.length)]!));
  }
}

function spliced(bytes: Uint8Array, at: number, drop: number, put: Uint8Array): Uint8Array {
  return Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + drop)]);
}
