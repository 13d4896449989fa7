import { type RandomStream, randomStream } from '@espalier/core';
import { oneOf } from './random-choice.ts';
import { type Entry, type FileParts, fileOf, fileParts } from './state-dict.ts';

/** A weights file, and what has to be read of it. */
export interface WeightsCase {
  readonly bytes: Uint8Array;
  /** What is wrong with it; one thing, or nothing. */
  readonly damage?: string;
  /** The array that an error has to name. */
  readonly tensor?: string | undefined;
  /** By the network's own names, where nothing is wrong. */
  readonly weights: ReadonlyMap<string, readonly number[]>;
}

/** A file of the network `sound`, written in one of the ways that PyTorch's users write it, about half with one thing wrong. */
export function weightsCase(sound: readonly Entry[], label: string): WeightsCase {
  const random = randomStream(0, 'weights', label);
  const written = inSomeWay(sound, random);
  const metadata = oneOf(random, [undefined, { format: 'pt' }, { format: 'pt', note: 'ünï' }, {}]);
  const weights = new Map(written.map(({ name, values }) => [name, values]));
  for (const { name, values } of sound)
    if (!weights.has(name))
      weights.set(
        name,
        values.map(() => 0),
      );
  const prefix = oneOf(random, ['', '', 'module.', 'model.', '_orig_mod.', 'module.model.', 'module._orig_mod.']);
  const pruned = random.integer(3) === 0 ? kernelsOf(written).filter(() => random.integer(3) === 0) : [];
  const masked = withMasks(written, pruned, weights, random);
  const prefixed = withPrefix(masked, prefix);
  if (random.uniform() < 0.55) return { bytes: fileOf(fileParts(prefixed, random, metadata)), weights };
  const damage = oneOf(random, damages);
  const entry = oneOf(random, masked.filter(damage.of));
  const { bytes, tensor } = damage.make({ entries: masked, entry, prefix, random, metadata });
  return { bytes, damage: damage.name, tensor, weights };
}

const kernelsOf = (entries: readonly Entry[]): readonly Entry[] => entries.filter(({ shape }) => shape.length === 4);

/** Types and counts as they come: nothing computes with a count, so that they may be missing, and are 0 then. */
function inSomeWay(sound: readonly Entry[], random: RandomStream): readonly Entry[] {
  const dtypes = oneOf(random, [['F32'], ['F32', 'F64'], ['F16'], ['BF16'], ['F16', 'F32', 'BF16', 'F64']]);
  const counts = oneOf(random, ['all', 'all', 'some', 'none', 'with an axis'] as const);
  return sound.flatMap((entry) => {
    if (entry.shape.length > 0) return [{ ...entry, dtype: oneOf(random, dtypes) }];
    if (counts === 'none' || (counts === 'some' && random.integer(2) === 0)) return [];
    return [counts === 'with an axis' ? { ...entry, shape: [1] } : entry];
  });
}

/** `_orig` and `_mask` in place of some kernels; `weights` then holds their products. */
function withMasks(
  entries: readonly Entry[],
  pruned: readonly Entry[],
  weights: Map<string, readonly number[]>,
  random: RandomStream,
): readonly Entry[] {
  return entries.flatMap((entry) => {
    if (!pruned.includes(entry)) return [entry];
    const mask = entry.values.map(() => random.integer(2));
    weights.set(
      entry.name,
      entry.values.map((value, i) => value * mask[i]!),
    );
    const dtype = oneOf(random, ['F32', 'BOOL', 'U8', 'F16']);
    return [
      { ...entry, name: `${entry.name}_orig` },
      { ...entry, name: `${entry.name}_mask`, dtype, values: mask },
    ];
  });
}

function withPrefix(entries: readonly Entry[], prefix: string): readonly Entry[] {
  return entries.map((entry) => ({ ...entry, name: prefix + entry.name }));
}

interface Scene {
  readonly entries: readonly Entry[];
  /** The one that is damaged. */
  readonly entry: Entry;
  readonly prefix: string;
  readonly random: RandomStream;
  readonly metadata: unknown;
}

interface Damage {
  readonly name: string;
  /** Arrays that it can be done to. */
  readonly of: (entry: Entry) => boolean;
  readonly make: (scene: Scene) => { readonly bytes: Uint8Array; readonly tensor?: string };
}

const any = (): boolean => true;
const isWeight = ({ shape, name }: Entry): boolean =>
  shape.length > 0 && !name.includes('num_batches') && !/_(orig|mask)$/.test(name);
const isVariance = ({ name }: Entry): boolean => name.endsWith('.running_var');
const isKernel = ({ shape, name }: Entry): boolean =>
  shape.length === 4 && isWeight({ name, shape, dtype: '', values: [] });

/** Other arrays in the place of one. */
function arrays(
  name: string,
  of: Damage['of'],
  change: (entry: Entry, random: RandomStream) => readonly Entry[],
  blamed?: string,
): Damage {
  return {
    name,
    of,
    make: ({ entries, entry, prefix, random, metadata }) => {
      const changed = entries.flatMap((each) => (each === entry ? change(entry, random) : [each]));
      return { bytes: fileOf(fileParts(withPrefix(changed, prefix), random, metadata)), tensor: blamed ?? entry.name };
    },
  };
}

/** One value of an array is another. */
function value(name: string, of: Damage['of'], put: number, dtype = 'F32'): Damage {
  return arrays(name, of, (entry, random) => [
    { ...entry, dtype, values: entry.values.with(random.integer(entry.values.length), put) },
  ]);
}

/** Another header or other data; no array is to blame. */
function parts(name: string, change: (parts: FileParts, random: RandomStream) => Uint8Array): Damage {
  return {
    name,
    of: any,
    make: ({ entries, prefix, random, metadata }) => ({
      bytes: change(fileParts(withPrefix(entries, prefix), random, metadata), random),
    }),
  };
}

const damages: readonly Damage[] = [
  value('a variance is negative', isVariance, -0.125),
  value('a variance is no number', isVariance, Number.NaN),
  value('a variance is infinite', isVariance, Number.POSITIVE_INFINITY, 'F16'),
  value('a weight is no number', isWeight, Number.NaN, 'BF16'),
  value('a weight is infinite', isWeight, Number.NEGATIVE_INFINITY, 'F64'),
  value('a weight is beyond float32', isWeight, 1e39, 'F64'),
  arrays('an array is missing', isWeight, () => []),
  arrays('an array has another name', isWeight, (entry) => [{ ...entry, name: `${entry.name}s` }]),
  arrays(
    'there is one array more',
    any,
    (entry) => [entry, { ...entry, name: 'layer9.weight', dtype: 'F32' }],
    'layer9.weight',
  ),
  arrays('an array has an axis more', isWeight, (entry) => [{ ...entry, shape: [...entry.shape, 1] }]),
  arrays('a kernel is turned', isKernel, (entry) => [
    { ...entry, shape: [...entry.shape].reverse(), name: entry.name },
  ]),
  arrays('an array is empty', isWeight, (entry) => [{ ...entry, shape: entry.shape.with(0, 0), values: [] }]),
  arrays('weights are whole numbers', isWeight, (entry) => [
    { ...entry, dtype: 'I8', values: entry.values.map(Math.trunc) },
  ]),
  arrays('half a pruned weight is there', isKernel, (entry) => [{ ...entry, name: `${entry.name}_orig` }]),
  arrays('a mask has no weight', isKernel, (entry) => [{ ...entry, name: `${entry.name}_mask` }]),
  arrays('a weight is there twice, once pruned', isKernel, (entry) => [
    entry,
    { ...entry, name: `${entry.name}_orig` },
    { ...entry, name: `${entry.name}_mask` },
  ]),
  arrays('a mask has another shape', isKernel, (entry) => [
    { ...entry, name: `${entry.name}_orig` },
    { ...entry, name: `${entry.name}_mask`, shape: [1], values: [1] },
  ]),
  arrays('a mask is no number', isKernel, (entry) => [
    { ...entry, name: `${entry.name}_orig` },
    { ...entry, name: `${entry.name}_mask`, dtype: 'F32', values: entry.values.map(() => Number.NaN) },
  ]),
  arrays('a weight has a spectral norm', isKernel, (entry) => [
    { ...entry, name: `${entry.name}_orig` },
    { ...entry, name: `${entry.name}_u`, shape: [1], values: [1] },
  ]),
  {
    name: 'an array is there twice',
    of: any,
    make: ({ entries, entry, prefix, random, metadata }) => {
      const { header, data } = fileParts(withPrefix(entries, prefix), random, metadata);
      const name = JSON.stringify(prefix + entry.name);
      const again = header.trimEnd().replace(/\}$/, `,${name}:{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}`);
      return { bytes: fileOf({ header: again, data }), tensor: entry.name };
    },
  },
  {
    name: 'two networks are in it',
    of: any,
    make: ({ entries, random, metadata }) => ({
      bytes: fileOf(
        fileParts([...withPrefix(entries, 'student.'), ...withPrefix(entries, 'teacher.')], random, metadata),
      ),
    }),
  },
  {
    name: 'a prefix stands before some names only',
    of: isWeight,
    make: ({ entries, entry, random, metadata }) => {
      const some = entries.map((each) => (each === entry ? each : { ...each, name: `module.${each.name}` }));
      return { bytes: fileOf(fileParts(some, random, metadata)), tensor: entry.name };
    },
  },
  parts('its last byte is missing', ({ header, data }) => fileOf({ header, data: data.subarray(0, -1) })),
  parts('there are bytes after its data', ({ header, data }) =>
    fileOf({ header, data: Buffer.concat([data, Buffer.alloc(8)]) }),
  ),
  parts('its header is longer than it says', (file) => fileOf(file, Buffer.byteLength(file.header.trimEnd()) - 1)),
  parts('its header is longer than the file', (file) => fileOf(file, 2 ** 31)),
  parts('its metadata are no texts', ({ header, data }) =>
    fileOf({ header: header.replace(/^\{("__metadata__":\{[^}]*\},)?/, '{"__metadata__":{"epoch":3},'), data }),
  ),
  parts('two arrays lie on one place', ({ header, data }) =>
    fileOf({ header: header.replace(/"data_offsets":\[(?!0,)(\d+),(\d+)\]/, '"data_offsets":[0,$2]'), data }),
  ),
  parts('it is a page of the web', () => Buffer.from('<!DOCTYPE html><title>Not found</title>')),
  parts('it is a pointer of Git LFS', () =>
    Buffer.from(`version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 1234\n`),
  ),
  parts('it is what torch.save writes', () => Buffer.from('PK\x03\x04\0\0\0\0\0\0archive/data.pkl', 'latin1')),
  parts('it is empty', () => new Uint8Array()),
];
