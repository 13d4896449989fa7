import { canonicalJson } from '@espalier/store';
import type * as z from 'zod';
import type { Combination } from '../axes/axes.ts';
import type { Draft } from '../axes/expand.ts';
import { type Problem, suggestion } from '../text/problems.ts';
import { assembled, fields, part, type Sourced, substitute, written } from '../text/sourced.ts';
import { withoutDefaults } from './key-options.ts';
import type { NodeType } from './node-types.ts';
import { type OptionProblem, optionProblems } from './option-problems.ts';

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
  readonly source: Sourced;
}

/** Reads the options of instances; the same text at the same place is parsed once. */
export function optionsReader(report: (problem: Problem) => void) {
  const parsed = new Map<string, InstanceOptions | undefined>();
  return (draft: Draft, node: Sourced, type: NodeType): ReadOptions | undefined => {
    const source = withAxes(optionsOf(draft, node), draft.labels, report);
    if (!source) return undefined;
    const cacheKey = `${type.id} ${JSON.stringify(source.placeOf([]))} ${canonicalJson(source.value)}`;
    if (!parsed.has(cacheKey)) parsed.set(cacheKey, parse(source, type, report));
    const options = parsed.get(cacheKey);
    return options && { options, source };
  };
}

/** The node's `with`, under the `with` of the axis value that chooses the plugin. */
function optionsOf({ labels }: Draft, node: Sourced): Sourced {
  const own = part(node, 'with') ?? written({}, []);
  const use = part(node, 'use');
  const axis = use && part(use, '$axis')?.value;
  const chosen = typeof axis === 'string' ? labels.get(axis)?.options : undefined;
  const around = node.placeOf(['with']);
  return assembled(new Map([...fields(own), ...fields(chosen)]), around);
}

/** The options with axis values in place; undefined when they name an axis that is not there. */
function withAxes(options: Sourced, labels: Combination, report: (problem: Problem) => void): Sourced | undefined {
  let isComplete = true;
  const substituted = substitute(options, '$axis', (name, place) => {
    const found = labels.get(name);
    if (!found) {
      isComplete = false;
      const text = `This node has no axis "${name}".${suggestion(name, labels.keys())}`;
      report({ code: 'study/invalid', place, text });
    }
    return found?.value;
  });
  return isComplete ? substituted : undefined;
}

function parse(options: Sourced, type: NodeType, report: (problem: Problem) => void): InstanceOptions | undefined {
  const kindKeys = Object.keys(type.kind.options.shape);
  const own: Record<string, unknown> = Object.create(null);
  const forKind: Record<string, unknown> = Object.create(null);
  for (const [key, { value }] of fields(options)) {
    const target = kindKeys.includes(key) || !type.plugin ? forKind : own;
    target[key] = value;
  }
  let sound = true;
  const check = (schema: z.ZodType, value: unknown, alsoKnown: readonly string[]): unknown => {
    const result = schema.safeParse(value, { reportInput: true });
    if (result.success) return result.data;
    sound = false;
    for (const problem of optionProblems(result.error.issues, value, schema, alsoKnown))
      report(placed(problem, options));
    return undefined;
  };
  const plugin = type.plugin ? check(type.plugin.options, own, kindKeys) : {};
  const kind = check(type.kind.options, forKind, []);
  if (!sound) return undefined;
  return { plugin, kind, key: withoutDefaults({ ...objectOf(plugin), ...objectOf(kind) }, type.optionsSchema) };
}

/** A problem with options, at the place where they were written. */
export function placed({ path, key, text, meantText }: OptionProblem, options: Sourced): Problem {
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
