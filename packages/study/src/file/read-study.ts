import { issuePath, issueProblems } from '../text/issue-problems.ts';
import type { Path } from '../text/located-text.ts';
import type { Problem } from '../text/problems.ts';
import { type Study, type StudyParts, studyParts, studySchema } from './study-schema.ts';

/** A study as far as it has the shape of one. */
export interface ReadStudy {
  /** All of it; undefined where anything is misshapen. */
  readonly whole: Study | undefined;
  /** What of it is well formed: parts, nodes, outputs, profiles and packages that are not are left out. */
  readonly study: StudyParts;
  /** Its nodes as they are written, also misshapen ones. */
  readonly nodes: ReadonlyMap<string, WrittenNode>;
  /** Whether a part, or what it has under `name`, was left out. */
  isLeftOut(part: keyof Study, name?: string): boolean;
  readonly problems: readonly Problem[];
}

/** A node as it is written. */
export interface WrittenNode {
  readonly value: unknown;
  readonly isWellFormed: boolean;
}

/** Reads what JSON says as a study; what is misshapen is a problem each, and the rest is read all the same. */
export function readStudy(value: unknown): ReadStudy {
  const found = studySchema.safeParse(value);
  const problems = found.success ? [] : issueProblems(found.error.issues, value, { schema: studySchema, of: 'study' });
  const leftOut = found.success
    ? []
    : found.error.issues.flatMap((issue) => {
        const path = issuePath(issue);
        return path.length === 0 && issue.code === 'unrecognized_keys'
          ? issue.keys.map((key) => [key])
          : [path.slice(0, 2)];
      });
  const study = found.success ? found.data : studyParts.parse(without(value, leftOut));
  const isLeftOut = (part: string, name?: string): boolean =>
    leftOut.some(([top, entry]) => (top ?? part) === part && (entry === undefined || entry === name));
  return {
    whole: found.data,
    study,
    nodes: new Map(
      Object.entries(objectOf(objectOf(value).nodes)).map(([name, node]) => [
        name,
        { value: node, isWellFormed: !isLeftOut('nodes', name) },
      ]),
    ),
    isLeftOut,
    problems: problems.map(({ path, key, text }) => ({ code: 'study/invalid', place: { path, key }, text })),
  };
}

// Of these, each entry stands for itself.
const records: readonly string[] = ['plugins', 'params', 'profiles', 'nodes', 'outputs'];

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
