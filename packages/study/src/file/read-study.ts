import type * as z from 'zod';
import { issuePath, issueProblems } from '../text/issue-problems.ts';
import type { Path } from '../text/located-text.ts';
import { inText, type Placed } from '../text/placed.ts';
import type { Problem } from '../text/problems.ts';
import { type Study, type StudyParts, studyParts, studySchema } from './study-schema.ts';

/** A file as far as it has the shape that it should have. */
export interface ReadFile<Whole, Parts> {
  /** All of it; undefined where anything is misshapen. */
  readonly whole: Whole | undefined;
  /** What of it is well formed: parts, nodes, outputs, profiles and packages that are not are left out. */
  readonly parts: Parts;
  /** Its nodes as they are written, also misshapen ones. */
  readonly nodes: ReadonlyMap<string, WrittenNode>;
  /** Whether a part, or what it has under `name`, was left out. */
  isLeftOut(part: keyof Whole, name?: string): boolean;
  readonly problems: readonly Problem[];
}

/** A study as far as it has the shape of one. */
export type ReadStudy = ReadFile<Study, StudyParts>;

/** A node as it is written. */
export interface WrittenNode extends Placed {
  readonly isWellFormed: boolean;
}

/** Reads what JSON says as a study; what is misshapen is a problem each, and the rest is read all the same. */
export function readStudy(value: unknown): ReadStudy {
  return readFile(value, { whole: studySchema, parts: studyParts });
}

/** A format, and any part of it. */
interface Shape<Whole, Parts> {
  readonly whole: z.ZodType<Whole>;
  readonly parts: z.ZodType<Parts>;
  /** The include whose recipe it is; absent for a study. */
  readonly include?: string;
}

/** Reads what JSON says as a file of one format; what is misshapen is a problem each, and the rest is read all the same. */
export function readFile<Whole, Parts>(
  value: unknown,
  { whole, parts, include }: Shape<Whole, Parts>,
): ReadFile<Whole, Parts> {
  const found = whole.safeParse(value);
  const issues = found.error?.issues ?? [];
  const leftOut = issues.flatMap((issue) => {
    const path = issuePath(issue);
    return path.length === 0 && issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => [key])
      : [path.slice(0, 2)];
  });
  const isLeftOut = (part: PropertyKey, name?: string): boolean =>
    leftOut.some(([top, entry]) => (top ?? part) === part && (entry === undefined || entry === name));
  const place = inText(include);
  return {
    whole: found.data,
    parts: parts.parse(found.success ? value : without(value, leftOut)),
    nodes: new Map(
      Object.entries(objectOf(objectOf(value).nodes)).map(([name, node]) => [
        name,
        {
          value: node,
          placeOf: inText(include, 'nodes', name),
          isWellFormed: !isLeftOut('nodes', name),
        },
      ]),
    ),
    isLeftOut,
    problems: issueProblems(issues, value, { schema: whole, of: 'study' }).map(({ path, key, text }) => ({
      code: 'study/invalid',
      place: { ...place(path), key },
      text,
    })),
  };
}

// Of these, each entry stands for itself.
const records: readonly string[] = ['plugins', 'params', 'profiles', 'include', 'inputs', 'nodes', 'outputs'];

function without(value: unknown, leftOut: readonly Path[]): unknown {
  const kept = { ...objectOf(value) };
  for (const [part, name] of leftOut) {
    if (part === undefined) return {};
    if (name === undefined || !records.includes(String(part))) delete kept[part];
    else {
      const { [name]: _, ...others } = objectOf(kept[part]);
      kept[part] = others;
    }
  }
  return kept;
}

function objectOf(value: unknown): Record<string | number, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
