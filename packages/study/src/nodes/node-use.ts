import { axisValues, type Combination, type Label } from '../axes/axes.ts';
import type { Draft } from '../axes/expand.ts';
import { type Problem, suggestion } from '../text/problems.ts';
import { fields, part, parts, type Sourced, textOf } from '../text/sourced.ts';
import { builtInAlias, type NodeType } from './node-types.ts';
import type { PluginPackage } from './plugin-package.ts';

/** What `use` is looked up in. */
export interface UseRequest {
  readonly types: ReadonlyMap<string, NodeType>;
  readonly packages: ReadonlyMap<string, PluginPackage>;
  /** Aliases whose packages could not be loaded, which is already reported. */
  readonly failedAliases: ReadonlySet<string>;
  readonly report: (problem: Problem) => void;
}

/** The types that `use` may stand for; undefined where that cannot be found out. */
export function typesOfNode(
  node: Sourced,
  inherited: readonly Combination[],
  inputsKnown: boolean,
  request: UseRequest,
): readonly NodeType[] | undefined {
  const use = part(node, 'use');
  const axis = use && part(use, '$axis');
  if (!use) return undefined;
  if (!axis) {
    const type = typeNamed(use, request);
    return type && [type];
  }
  const name = textOf(axis.value);
  const uses = usesOnAxis(node, name, inherited);
  if (uses.length === 0) {
    const known = [...fields(part(node, 'matrix')).keys(), ...(inherited[0]?.keys() ?? [])];
    const text = `This node has no axis "${name}" to choose a plugin by.${suggestion(name, known)}`;
    if (inputsKnown) request.report({ code: 'study/invalid', place: axis.placeOf([]), text });
    return undefined;
  }
  const types = uses.map((value) => typeNamed(value, request));
  return types.every((type) => type !== undefined) ? types : undefined;
}

function usesOnAxis(node: Sourced, axis: string, inherited: readonly Combination[]): readonly Sourced[] {
  const scan = part(node, 'scan');
  const matrix = part(node, 'matrix');
  const own =
    (matrix && part(matrix, axis)) ?? (scan && part(scan, 'axis')?.value === axis ? part(scan, 'over') : undefined);
  const values = own ? axisValues(own, () => {}) : [...new Set(inherited.flatMap((labels) => labels.get(axis) ?? []))];
  const labels = new Set(values.map(({ label }) => label));
  const included = matrix ? includedOn(matrix, axis) : [];
  return [
    ...values.map(({ use, value }) => use ?? value),
    ...included.filter(({ value }) => !labels.has(value as Label)),
  ]; // compared only
}

/** What the rows of a matrix's `include` say for `axis`. */
function includedOn(matrix: Sourced, axis: string): readonly Sourced[] {
  const include = part(matrix, 'include');
  return (include ? parts(include) : []).flatMap((row) => part(row, axis) ?? []);
}

function typeNamed(use: Sourced, { types, packages, failedAliases, report }: UseRequest): NodeType | undefined {
  const text = textOf(use.value);
  const type = types.get(text);
  const alias = text.split('/')[0]!;
  if (type || (failedAliases.has(alias) && text.includes('/'))) return type;
  report({ code: 'study/invalid', place: use.placeOf([]), text: unknownType(text, alias, types, packages) });
  return undefined;
}

function unknownType(
  text: string,
  alias: string,
  types: ReadonlyMap<string, NodeType>,
  packages: ReadonlyMap<string, PluginPackage>,
): string {
  const found = packages.get(alias);
  if (!text.includes('/')) return `"${text}" must be "<alias>/<plugin>".${suggestion(text, types.keys())}`;
  if (found) {
    const names = [...found.plugins.keys()].map((name) => `${alias}/${name}`);
    return `The package "${found.name}" has no plugin "${text.slice(alias.length + 1)}".${suggestion(text, names)}`;
  }
  if (alias === builtInAlias) return `There is no built-in node "${text}".${suggestion(text, ['core/train'])}`;
  return `There is no alias "${alias}" under "plugins".${suggestion(alias, packages.keys())}`;
}

/** The type of one instance; undefined where its label names none. */
export function typeOfDraft(
  { labels }: Draft,
  node: Sourced,
  types: ReadonlyMap<string, NodeType>,
): NodeType | undefined {
  const use = part(node, 'use')!;
  const axis = part(use, '$axis');
  if (!axis) return types.get(textOf(use.value));
  const value = labels.get(textOf(axis.value));
  return types.get(textOf((value?.use ?? value?.value)?.value));
}
