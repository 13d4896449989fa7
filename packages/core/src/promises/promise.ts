import { StudyError } from '../errors.ts';

/** What a plugin promised of something it returned, and whom to name where it is not so. */
export interface Promised {
  /** The plugin as the study names it, for example `metrics/road`. */
  readonly by: string;
  /** What it returned, for example `the scores "road-aopc"`. */
  readonly what: string;
}

/** Holds a plugin to one promise of its port. @throws StudyError `core/plugin-invalid` unless `holds` */
export function promise(holds: boolean, { by, what }: Promised, expected: string, found: () => string): asserts holds {
  if (holds) return;
  throw new StudyError(
    'core/plugin-invalid',
    `${by} does not keep the promises of its port: of ${what}, expected ${expected}; found ${found()}. ` +
      "This is a defect of the plugin: run the laws of its kind (@espalier/core/testing) in its package's tests.",
  );
}

/** Promises that `value` is one of `known`. */
export function promiseOneOf(value: unknown, known: readonly unknown[], about: Promised, name: string): void {
  promise(known.includes(value), about, `"${name}" to be one of ${known.map(written).join(', ')}`, () =>
    written(value),
  );
}

/** Promises that `value` is a text with something in it. */
export function promiseText(value: unknown, about: Promised, name: string): asserts value is string {
  promise(typeof value === 'string' && value.trim() !== '', about, `"${name}" to be a text`, () => written(value));
}

/** Promises texts, each once. */
export function promiseIds(value: unknown, about: Promised, name: string): asserts value is readonly string[] {
  promise(Array.isArray(value), about, `"${name}" to be a list of texts`, () => written(value));
  const ids: readonly unknown[] = value;
  const other = ids.findIndex((id) => typeof id !== 'string' || id === '');
  promise(other < 0, about, `"${name}" to be a list of texts`, () => `${written(ids[other])} at ${other}`);
  const seen = new Set<unknown>();
  for (const id of ids) {
    promise(!seen.has(id), about, `every one of "${name}" once`, () => `${written(id)} twice`);
    seen.add(id);
  }
}

/** Promises an object that has `methods`. */
export function promiseObject(
  value: unknown,
  about: Promised,
  methods: readonly string[] = [],
): asserts value is Readonly<Record<string, unknown>> {
  const some = methods.map((name) => `"${name}"`).join(', ');
  const expected = methods.length === 0 ? 'an object' : `an object with the functions ${some}`;
  promise(typeof value === 'object' && value !== null, about, expected, () => written(value));
  const fields = value as Readonly<Record<string, unknown>>; // just seen
  const missing = methods.find((name) => typeof fields[name] !== 'function');
  promise(missing === undefined, about, expected, () => `${written(fields[missing!])} for "${missing}"`);
}

/** Promises a list. */
export function promiseList(value: unknown, about: Promised, name: string): asserts value is readonly unknown[] {
  promise(Array.isArray(value), about, `"${name}" to be a list`, () => written(value));
}

/** Promises a whole number of at least `least`. */
export function promiseWhole(value: unknown, least: number, about: Promised, name: string): asserts value is number {
  const isWhole = Number.isInteger(value) && (value as number) >= least; // a number, since it is an integer
  promise(isWhole, about, `"${name}" to be a whole number, at least ${least}`, () => written(value));
}

/** Promises that no number is NaN or infinite; `count` is how many there are to be, and `at` says where one is. */
export function promiseNumbers(
  value: unknown,
  count: number,
  about: Promised,
  name: string,
  at: (index: number) => string = (index) => `index ${index} of ${count}`,
): asserts value is ArrayLike<number> {
  const isList = Array.isArray(value) || ArrayBuffer.isView(value);
  promise(isList, about, `"${name}" to be a list of numbers`, () => written(value));
  const numbers = value as ArrayLike<unknown>; // arrays and views have a length and indices
  promise(numbers.length === count, about, `${count} numbers in "${name}"`, () => String(numbers.length));
  for (let i = 0; i < count; i++) {
    if (Number.isFinite(numbers[i])) continue;
    promise(false, about, `finite numbers in "${name}"`, () => `${written(numbers[i])} at ${at(i)}`);
  }
}

/** A value as an error shows it: short, and without what a terminal would act on. */
export function written(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'object' ? `an object of ${Object.keys(value).length} fields` : `a ${typeof value}`;
}
