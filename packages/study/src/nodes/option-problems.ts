import type * as z from 'zod';
import { shown, suggestion } from '../text/problems.ts';

/** One thing wrong with a node's options: where inside them, and what. */
export interface OptionProblem {
  readonly path: readonly (string | number)[];
  /** The key at the end of `path` is wrong, not its value. */
  readonly key: boolean;
  readonly text: string;
  /** The value as the text that was expected in its place, where JSON took it for something else: `2024`. */
  readonly meantText?: string;
}

type Issue = z.core.$ZodIssue;

/**
 * zod's issues as sentences that say what was expected, what was found and what is close.
 *
 * @param alsoKnown options beside those of `schema` that may have been meant
 */
export function optionProblems(
  issues: readonly Issue[],
  options: unknown,
  schema: z.ZodType,
  alsoKnown: readonly string[] = [],
): readonly OptionProblem[] {
  return issues.flatMap((issue) => problemsOf(issue, options, schema, alsoKnown));
}

function problemsOf(
  issue: Issue,
  options: unknown,
  schema: z.ZodType,
  alsoKnown: readonly string[],
): readonly OptionProblem[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  const found = valueAt(options, path);
  const about = describe(schema, path);
  if (issue.code === 'unrecognized_keys') {
    const known = [...Object.keys(shapeAt(schema, path) ?? {}), ...(path.length === 0 ? alsoKnown : [])];
    return issue.keys.map((key) => ({
      path: [...path, key],
      key: true,
      text: `There is no option "${key}".${suggestion(key, known)}`,
    }));
  }
  if (found === undefined && path.length > 0 && issue.code !== 'custom') {
    const name = String(path.at(-1));
    return [
      { path: path.slice(0, -1), key: false, text: `The option "${name}" is missing${about ? `: ${about}` : ''}.` },
    ];
  }
  const text = `${expectation(issue)}${about ? ` (${about})` : ''}; found ${shown(found)}.`;
  return [{ path, key: false, text, ...(wantsText(issue, found) && { meantText: String(found) }) }];
}

/** Whether `found` is a number, true, false or null where its text would do. */
function wantsText(issue: Issue, found: unknown): boolean {
  if (typeof found === 'string' || (typeof found === 'object' && found !== null)) return false;
  if (issue.code === 'invalid_type') return issue.expected === 'string';
  if (issue.code === 'invalid_value') return issue.values.includes(String(found));
  return (
    issue.code === 'invalid_union' && issue.errors.flat().some((one) => one.path.length === 0 && wantsText(one, found))
  );
}

function expectation(issue: Issue): string {
  if (issue.code === 'invalid_type') return `Expected ${typeName(issue.expected)}`;
  if (issue.code === 'invalid_value') {
    const values = issue.values.map((value) => shown(typeof value === 'bigint' ? String(value) : value));
    return values.length === 1 ? `Expected ${values[0]}` : `Expected one of ${values.join(', ')}`;
  }
  if (issue.code === 'invalid_union' && 'options' in issue && Array.isArray(issue.options)) {
    return `Expected one of ${issue.options.map(shown).join(', ')}`;
  }
  if (issue.code === 'invalid_union') {
    const expected = issue.errors.flat().filter(({ path }) => path.length === 0);
    return expected.length > 0 ? expected.map(expectation).join(', or ') : 'Expected another form';
  }
  if (issue.code === 'too_small')
    return `Expected ${bound('at least', 'more than', issue.inclusive, issue.minimum, issue.origin)}`;
  if (issue.code === 'too_big')
    return `Expected ${bound('at most', 'less than', issue.inclusive, issue.maximum, issue.origin)}`;
  return issue.message.replace(/\.$/, '');
}

function bound(
  inclusive: string,
  exclusive: string,
  isInclusive: boolean | undefined,
  limit: number | bigint,
  origin: string,
): string {
  const unit = origin === 'array' ? ' items' : origin === 'string' ? ' characters' : '';
  return `${isInclusive === false ? exclusive : inclusive} ${limit}${unit}`;
}

function typeName(type: string): string {
  const names: Readonly<Record<string, string>> = {
    int: 'a whole number',
    object: 'an object { }',
    record: 'an object { }',
    array: 'a list [ ]',
    tuple: 'a list [ ]',
    string: 'a text',
    boolean: 'true or false',
  };
  return names[type] ?? `a ${type}`;
}

function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  let current = value;
  for (const part of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, part)) return undefined;
    current = (current as Record<string | number, unknown>)[part]; // an own property, just checked
  }
  return current;
}

type Shape = Readonly<Record<string, z.ZodType>>;

// Reads zod's public `shape`, through the wrappers that options use (default, optional, nullable).
function shapeAt(schema: z.ZodType, path: readonly (string | number)[]): Shape | undefined {
  const [key, ...rest] = path;
  const shape = 'shape' in unwrap(schema) ? (unwrap(schema) as unknown as { shape: Shape }).shape : undefined; // zod objects have it
  if (key === undefined || !shape) return shape;
  const child = Object.hasOwn(shape, key) ? shape[key] : undefined;
  return child && shapeAt(child, rest);
}

function unwrap(schema: z.ZodType): z.ZodType {
  let inner = schema;
  while ('unwrap' in inner && typeof inner.unwrap === 'function') inner = inner.unwrap() as z.ZodType; // zod's wrappers return the wrapped schema
  return inner;
}

function describe(schema: z.ZodType, path: readonly (string | number)[]): string | undefined {
  const last = path.findLastIndex((part) => typeof part === 'string');
  if (last < 0) return undefined;
  const shape = shapeAt(schema, path.slice(0, last));
  return shape && Object.hasOwn(shape, path[last]!) ? shape[path[last]!]?.description : undefined;
}
