import { canonicalJson } from '@espalier/store';
import type * as z from 'zod';
import type { Combination } from '../axes/axes.ts';
import type { Draft } from '../axes/expand.ts';
import type { StudyNode } from '../file/resolved-nodes.ts';
import type { ResolvedNode } from '../file/study-schema.ts';
import { issuePath, issueProblems, type ValueProblem } from '../text/issue-problems.ts';
import type { Path } from '../text/located-text.ts';
import { assembled, below, type Placed, substitute } from '../text/placed.ts';
import { type Problem, suggestion } from '../text/problems.ts';
import { withoutDefaults } from './key-options.ts';
import type { NodeType } from './node-types.ts';

/** The options of one instance, with defaults filled in. */
export interface InstanceOptions {
  /** What the plugin gets. */
  readonly plugin: unknown;
  /** What the kind reads itself. */
  readonly kind: unknown;
  /** Both together without defaults: what the key is made of. */
  readonly key: unknown;
}

export interface ReadOptions {
  readonly options: InstanceOptions;
  /** As they are written, which says where. */
  readonly source: Placed;
}

type Options = Placed<Readonly<Record<string, unknown>>>;

/** Reads the options of instances; the same text at the same place is parsed once. */
export function optionsReader(report: (problem: Problem) => void) {
  const parsed = new Map<string, InstanceOptions | undefined>();
  return (draft: Draft, node: Placed<ResolvedNode>, type: NodeType): ReadOptions | undefined => {
    const source = withAxes(optionsOf(draft, node), draft.labels, report);
    if (!source) return undefined;
    const cacheKey = `${type.id} ${JSON.stringify(source.placeOf([]))} ${canonicalJson(source.value)}`;
    if (!parsed.has(cacheKey)) parsed.set(cacheKey, parse(source, type, report));
    const options = parsed.get(cacheKey);
    return options && { options, source };
  };
}

/** Reports what is wrong with a node's options whatever its axes and what is not known of it may be. */
export function checkOptions(node: StudyNode, type: NodeType, report: (problem: Problem) => void): void {
  const own: Placed = { value: node.value.with ?? {}, placeOf: below(node.placeOf, 'with') };
  const { value, placeOf, holes } = substitute(own, '$axis', () => undefined);
  const unknown = node.holes.flatMap(([part, ...rest]) => (part === 'with' ? [rest] : []));
  parse({ value: value as Options['value'], placeOf }, type, report, [...holes, ...unknown]); // what was put in is inside of it
}

/** The node's `with`, under the `with` of the axis value that chooses the plugin. */
function optionsOf({ labels }: Draft, { value, placeOf }: Placed<ResolvedNode>): Options {
  const own = value.with && { value: value.with, placeOf: below(placeOf, 'with') };
  const chosen = typeof value.use === 'string' ? undefined : labels.get(value.use.$axis)?.options;
  return assembled(new Map([...entriesOf(own), ...entriesOf(chosen)]), placeOf(['with']));
}

function entriesOf(options: Options | undefined): readonly (readonly [string, Placed])[] {
  if (!options) return [];
  return Object.entries(options.value).map(([key, value]) => [key, { value, placeOf: below(options.placeOf, key) }]);
}

/** The options with axis values in place; undefined when they name an axis that is not there. */
function withAxes(options: Options, labels: Combination, report: (problem: Problem) => void): Options | undefined {
  const { value, placeOf, holes } = substitute(options, '$axis', (name, place) => {
    const found = labels.get(name);
    const text = `This node has no axis "${name}".${suggestion(name, labels.keys())}`;
    if (!found) report({ code: 'study/invalid', place, text });
    return found?.value;
  });
  return holes.length > 0 ? undefined : { value: value as Options['value'], placeOf }; // what was put in is inside of it
}

function parse(
  options: Options,
  type: NodeType,
  report: (problem: Problem) => void,
  holes: readonly Path[] = [],
): InstanceOptions | undefined {
  const kindKeys = Object.keys(type.kind.options.shape);
  const own: Record<string, unknown> = Object.create(null);
  const forKind: Record<string, unknown> = Object.create(null);
  for (const [key, value] of Object.entries(options.value)) {
    const target = kindKeys.includes(key) || !type.plugin ? forKind : own;
    target[key] = value;
  }
  let sound = true;
  const check = (schema: z.ZodType, value: unknown, alsoKnown: readonly string[]): unknown => {
    const result = schema.safeParse(value, { reportInput: true });
    if (result.success) return result.data;
    sound = false;
    const issues = result.error.issues.filter((issue) => !isOfHole(issue, holes));
    for (const problem of issueProblems(issues, value, { schema, of: 'options', alsoKnown }))
      report(placed(problem, options));
    return undefined;
  };
  const plugin = type.plugin ? check(type.plugin.options, own, kindKeys) : {};
  const kind = check(type.kind.options, forKind, []);
  if (!sound) return undefined;
  return { plugin, kind, key: withoutDefaults({ ...objectOf(plugin), ...objectOf(kind) }, type.optionsSchema) };
}

/** Whether what is missing may be why: it is about a hole, or about something with a hole in it. */
function isOfHole(issue: z.core.$ZodIssue, holes: readonly Path[]): boolean {
  const path = issuePath(issue);
  return holes.some((hole) => {
    const isShared = hole.slice(0, path.length).every((step, index) => step === path[index]);
    return isShared && (hole.length <= path.length || issue.code !== 'unrecognized_keys');
  });
}

/** A problem with options, at the place where they were written. */
export function placed({ path, key, text, meantText }: ValueProblem, options: Placed): Problem {
  const place = options.placeOf(path);
  if ('path' in place) return { code: 'core/options-invalid', place: key ? { ...place, key } : place, text };
  // On the command line, a text need not be quoted unless it is JSON.
  const advice =
    meantText === undefined
      ? ''
      : ` For the text, write it in quotes, which the shell must leave: ${quotedText(place.commandLine, meantText)}.`;
  return { code: 'core/options-invalid', place, text: `${text}${advice}` };
}

function quotedText(commandLine: string, text: string): string {
  const [, name] = /^--param ([^=]+)=/.exec(commandLine) ?? [];
  return `--param '${name}="${text}"'`;
}

function objectOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}
