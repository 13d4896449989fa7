import { axisValues, type Combination, matrixAxes } from '../axes/axes.ts';
import type { Draft } from '../axes/expand.ts';
import type { StudyNode } from '../file/resolved-nodes.ts';
import type { ResolvedNode } from '../file/study-schema.ts';
import { below, type Placed } from '../text/placed.ts';
import { type Problem, suggestion } from '../text/problems.ts';
import { builtInAlias, type NodeType } from './node-types.ts';
import type { PluginPackage } from './plugin-package.ts';

/** What `use` is looked up in. */
export interface UseRequest {
  readonly types: ReadonlyMap<string, NodeType>;
  readonly packages: ReadonlyMap<string, PluginPackage>;
  /** Whether the package of an alias could not be loaded, which is already reported. */
  isFailed(alias: string): boolean;
  readonly report: (problem: Problem) => void;
}

/** The types that `use` may stand for; undefined where that cannot be found out. */
export function typesOfNode(
  node: StudyNode,
  inherited: readonly Combination[],
  inputsKnown: boolean,
  request: UseRequest,
): readonly NodeType[] | undefined {
  const { use } = node.value;
  if (typeof use === 'string') {
    const type = typeNamed({ value: use, placeOf: below(node.placeOf, 'use') }, request);
    return type && [type];
  }
  const uses = usesOnAxis(node, use.$axis, inherited);
  if (uses.length === 0) {
    const known = [...matrixAxes(node.value.matrix).keys(), ...(inherited[0]?.keys() ?? [])];
    const text = `This node has no axis "${use.$axis}" to choose a plugin by.${suggestion(use.$axis, known)}`;
    if (inputsKnown && node.holes.length === 0)
      request.report({ code: 'study/invalid', place: node.placeOf(['use', '$axis']), text });
    return undefined;
  }
  const types = uses.map((value) => typeNamed(value, request));
  return types.every((type) => type !== undefined) ? types : undefined;
}

function usesOnAxis(
  { value: { matrix, scan }, placeOf }: Placed<ResolvedNode>,
  axis: string,
  inherited: readonly Combination[],
): readonly Placed[] {
  const listed = matrixAxes(matrix).get(axis);
  const scanned = scan?.axis === axis ? scan.over : undefined;
  const place = listed ? below(placeOf, 'matrix', axis) : below(placeOf, 'scan', 'over');
  const own = listed ?? scanned;
  const values = own
    ? axisValues(own, place, () => {})
    : [...new Set(inherited.flatMap((labels) => labels.get(axis) ?? []))];
  const labels = new Set(values.map(({ label }) => label));
  const included = (matrix?.include ?? []).flatMap((row, index): readonly Placed[] => {
    const label = Object.hasOwn(row, axis) ? row[axis] : undefined;
    const isNew = label !== undefined && !labels.has(label);
    return isNew ? [{ value: label, placeOf: below(placeOf, 'matrix', 'include', index, axis) }] : [];
  });
  return [...values.map(({ use }) => use), ...included];
}

function typeNamed(use: Placed, { types, packages, isFailed, report }: UseRequest): NodeType | undefined {
  const text = textOf(use.value);
  const type = types.get(text);
  const alias = text.split('/')[0]!;
  if (type || (isFailed(alias) && text.includes('/'))) return type;
  report({ code: 'study/invalid', place: use.placeOf([]), text: unknownType(text, alias, types, packages) });
  return undefined;
}

/** A value of an axis as a name to look up and to show: itself if it is a text, else its JSON. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
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
  { use }: ResolvedNode,
  types: ReadonlyMap<string, NodeType>,
): NodeType | undefined {
  if (typeof use === 'string') return types.get(use);
  const chosen = labels.get(use.$axis);
  return chosen && types.get(textOf(chosen.use.value));
}
