import * as z from 'zod';
import type { Path } from './located-text.ts';
import { shown, suggestion } from './problems.ts';

/** One thing wrong with a value that came as JSON: where inside it, and what. */
export interface ValueProblem {
  readonly path: Path;
  /** The key at the end of `path` is wrong, not its value. */
  readonly key: boolean;
  readonly text: string;
  /** The value as the text that was expected in its place, where JSON took it for something else: `2024`. */
  readonly meantText?: string;
}

/** What the schema says, and how of its parts is spoken. */
export interface Wanted {
  readonly schema: z.ZodType;
  /** Options are called so, and described by what they do; the parts of a study by what is written there. */
  readonly of: 'options' | 'study';
  /** Keys beside those of `schema` that may have been meant. */
  readonly alsoKnown?: readonly string[];
}

type Issue = z.core.$ZodIssue;

/** zod's issues with `value` as sentences that say what was expected, what was found and what is close. */
export function issueProblems(issues: readonly Issue[], value: unknown, wanted: Wanted): readonly ValueProblem[] {
  return issues.flatMap((issue) => problemsOf(issue, value, wanted));
}

/** The steps from a value to what an issue is about. */
export function issuePath(issue: Issue): Path {
  return issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
}

function problemsOf(issue: Issue, value: unknown, wanted: Wanted): readonly ValueProblem[] {
  const path = issuePath(issue);
  const found = valueAt(value, path);
  if (issue.code === 'unrecognized_keys') return unknownKeys(issue, path, wanted);
  const about = describe(wanted.schema, path);
  const isOption = wanted.of === 'options';
  if (found === undefined && path.length > 0 && issue.code !== 'custom') {
    const name = `${isOption ? 'The option ' : ''}"${path.at(-1)}"`;
    return [{ path: path.slice(0, -1), key: false, text: `${name} is missing${about ? `: ${about}` : ''}.` }];
  }
  if (issue.code === 'invalid_key') {
    const [inner] = issue.issues;
    const rule = inner?.code === 'invalid_format' ? `must match ${inner.pattern}` : 'cannot be used';
    return [{ path, key: true, text: `The name ${shown(path.at(-1))} ${rule}.` }];
  }
  const inside = insideNearest(issue, found, wanted, path);
  if (inside) return inside;
  const isForm = issue.code === 'invalid_union' || issue.code === 'invalid_format';
  const expected = !isOption && isForm && about ? `Expected ${about}` : undefined;
  const text = `${expected ?? `${expectation(issue)}${about ? ` (${about})` : ''}`}; found ${shown(found)}.`;
  return [{ path, key: false, text, ...(wantsText(issue, found) && { meantText: String(found) }) }];
}

function unknownKeys(
  { keys }: z.core.$ZodIssueUnrecognizedKeys,
  path: Path,
  { schema, of, alsoKnown = [] }: Wanted,
): readonly ValueProblem[] {
  const known = [...keysOf(schemaAt(schema, path)), ...(path.length === 0 ? alsoKnown : [])];
  return keys.map((key) => {
    const none = of === 'options' ? `There is no option "${key}".` : `There is no "${key}" here.`;
    return { path: [...path, key], key: true, text: `${none}${suggestion(key, known)}` };
  });
}

/** The keys that an object may have, in any of its forms. */
function keysOf(schema: z.ZodType | undefined): readonly string[] {
  const around = plain(schema);
  if (around instanceof z.ZodUnion) return around.options.flatMap((option) => keysOf(option as z.ZodType)); // zod's own classes
  return around instanceof z.ZodObject ? Object.keys(around.shape) : [];
}

/** What is wrong inside of the one form that the value has, where it has one of those that it may have. */
function insideNearest(issue: Issue, found: unknown, wanted: Wanted, path: Path): readonly ValueProblem[] | undefined {
  const union = plain(schemaAt(wanted.schema, path));
  if (issue.code !== 'invalid_union' || !(union instanceof z.ZodUnion)) return undefined;
  const isOther = ({ path: at, code }: Issue): boolean =>
    at.length === 0 && (code === 'invalid_type' || code === 'invalid_value');
  const near = [...issue.errors.entries()].filter(([, errors]) => !errors.some(isOther));
  if (near.length !== 1) return undefined;
  const [[branch, errors]] = near as [[number, Issue[]]]; // there is one
  const schema = union.options[branch] as z.ZodType; // zod's own classes
  const problems = issueProblems(errors, found, { schema, of: wanted.of });
  return problems.map((problem) => ({ ...problem, path: [...path, ...problem.path] }));
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
    return `Expected one of ${issue.options.map((value) => shown(value)).join(', ')}`;
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

function valueAt(value: unknown, path: Path): unknown {
  let current = value;
  for (const step of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, step)) return undefined;
    current = (current as Record<string | number, unknown>)[step]; // an own property, just checked
  }
  return current;
}

function schemaAt(schema: z.ZodType, path: Path): z.ZodType | undefined {
  let current: z.ZodType | undefined = schema;
  for (const step of path) current = current && inner(current, step);
  return current;
}

/** What a schema says of its part `step`; of several forms, the first that has it. */
function inner(schema: z.ZodType, step: string | number): z.ZodType | undefined {
  const around = plain(schema);
  let found: unknown;
  if (around instanceof z.ZodArray) found = around.element;
  if (around instanceof z.ZodRecord) found = around.valueType;
  if (around instanceof z.ZodObject)
    found = Object.hasOwn(around.shape, step) ? around.shape[step] : around.def.catchall;
  if (around instanceof z.ZodUnion)
    found = around.options.map((option) => inner(option as z.ZodType, step)).find(Boolean); // zod's own classes
  return found as z.ZodType | undefined; // the same
}

/** A schema without the wrappers that options use: default, optional, nullable. */
function plain(schema: z.ZodType | undefined): z.ZodType | undefined {
  let inside = schema;
  while (inside && 'unwrap' in inside && typeof inside.unwrap === 'function' && !(inside instanceof z.ZodArray))
    inside = inside.unwrap() as z.ZodType; // zod's wrappers return the wrapped schema
  return inside;
}

/** What is said of the value at `path`, or of the list that it is in. */
function describe(schema: z.ZodType, path: Path): string | undefined {
  const whole = schemaAt(schema, path);
  const own = path.length > 0 ? (whole?.description ?? plain(whole)?.description) : undefined;
  const last = path.findLastIndex((step) => typeof step === 'string');
  return own ?? (last < 0 ? undefined : schemaAt(schema, path.slice(0, last + 1))?.description);
}
