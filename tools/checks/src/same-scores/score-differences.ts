/** One number, or one word that says which model or verdict it is, that two result files do not agree on. */
export interface Difference {
  /** The part of `results.json` and the entry of it, for example `scores: gini[seed=0] sparseness`. */
  readonly entry: string;
  /** Where in the entry, for example `curve.mean.3`. Empty where the whole entry is missing or new. */
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

type Entry = Readonly<Record<string, unknown>>;

/** What names an entry of each part. What else is text in it is words, but for `told`. */
const parts: Readonly<Record<string, readonly string[]>> = {
  models: ['instance'],
  scores: ['instance', 'metric'],
  levels: ['metric', 'variant', 'explainer', 'definition', 'sparsity'],
  concepts: ['instance'],
  lineage: ['from', 'to'],
};

/** Text that follows from numbers. */
const told = new Set(['digest', 'networkDigest', 'maskDigest', 'model', 'instances', 'omitted', 'verdict', 'method']);

/** Numbers that belong to words: what a score could be, not what it is. */
const words = new Set(['range', 'settings', 'labels']);

/**
 * Every number of the first result file that the second does not repeat to the last bit, every entry that only one of them
 * has. Labels, presets, words, units and fields that only the second has are left out, and so is what a clock said.
 * @param renamed text of the first file that is called otherwise in the second, applied to instances and metrics
 */
export function scoreDifferences(
  before: Entry,
  after: Entry,
  renamed: ReadonlyMap<string, string> = new Map(),
): readonly Difference[] {
  const claims = ({ claims }: Entry) => (claims as { claims?: unknown } | null | undefined)?.claims;
  return [
    ...Object.entries(parts).flatMap(([part, keys]) => comparePart(part, keys, before[part], after[part], renamed)),
    ...comparePart('claims', ['id'], claims(before), claims(after), renamed),
  ];
}

function comparePart(
  part: string,
  keys: readonly string[],
  before: unknown,
  after: unknown,
  renamed: ReadonlyMap<string, string>,
): readonly Difference[] {
  const [old, now] = [entriesOf(before, keys, renamed), entriesOf(after, keys, new Map())];
  const added = [...now.keys()].filter((name) => !old.has(name));
  return [
    ...[...old].flatMap(([name, leaves]) => {
      const entry = `${part}: ${name}`;
      const other = now.get(name);
      return other ? leafDifferences(entry, leaves, other) : [{ entry, field: '', before: 'there', after: 'missing' }];
    }),
    ...added.map((name) => ({ entry: `${part}: ${name}`, field: '', before: 'missing', after: 'there' })),
  ];
}

type Leaves = ReadonlyMap<string, unknown>;

/** By name; entries of one name are told apart by their order. */
function entriesOf(part: unknown, keys: readonly string[], renamed: ReadonlyMap<string, string>): Map<string, Leaves> {
  const entries = new Map<string, Leaves>();
  for (const entry of Array.isArray(part) ? (part as readonly Entry[]) : []) {
    if (entry.isTiming) continue;
    const name = rename(keys.map((key) => textOf(entry[key])).join(' '), renamed);
    let unique = name;
    for (let again = 2; entries.has(unique); again++) unique = `${name} (${again})`;
    entries.set(unique, new Map(leavesOf(entry, '', false, renamed)));
  }
  return entries;
}

function* leavesOf(
  value: unknown,
  path: string,
  isTold: boolean,
  renamed: ReadonlyMap<string, string>,
): Generator<readonly [string, unknown]> {
  if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value))
      if (!words.has(key)) yield* leavesOf(inner, path ? `${path}.${key}` : key, isTold || told.has(key), renamed);
  } else if (typeof value !== 'string') yield [path, value];
  else if (isTold) yield [path, rename(value, renamed)];
}

function leafDifferences(entry: string, before: Leaves, after: Leaves): readonly Difference[] {
  const fields = [...before.keys(), ...[...after.keys()].filter((field) => !before.has(field) && isElement(field))];
  // A field that was null may be left out, and one that is new may be null.
  return fields
    .map((field) => ({ entry, field, before: before.get(field) ?? null, after: after.get(field) ?? null }))
    .filter((pair) => !Object.is(pair.before, pair.after));
}

/** A further element of a list is a difference; a further field is not. */
function isElement(field: string): boolean {
  return /\.\d+(\.|$)/.test(field);
}

function rename(text: string, renamed: ReadonlyMap<string, string>): string {
  return [...renamed].reduce((result, [from, to]) => result.replaceAll(from, to), text);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
