import type { ThroughInput } from '../file/connected-node.ts';
import { parseEdge } from '../file/edge-text.ts';
import type { UnresolvedEdge, WrittenInclude } from '../file/study-schema.ts';
import { below, inText, type Placed } from '../text/placed.ts';
import { type Place, type Problem, suggestion } from '../text/problems.ts';
import type { RecipeInput } from './recipe-schema.ts';
import { inputsName, type Scope, withParams } from './scope.ts';

type Report = (problem: Problem) => void;

/** Where an edge comes from in the whole study. */
export interface ResolvedEdge {
  /** `protocol/prune.model` */
  readonly from: string;
  /** Axis name: the labels at which it is taken. */
  readonly at: ReadonlyMap<string, Placed>;
  readonly place: Place;
  /** The inputs of recipes that it comes by, the outermost first. */
  readonly through: readonly ThroughInput[];
}

/**
 * Where an edge of a study or of a recipe comes from; several for an input that was given several, none for one that was given
 * none. Reports names that mean nothing there.
 *
 * @returns undefined where that cannot be found out
 */
export function resolveEdge(
  edge: Placed<UnresolvedEdge>,
  scope: Scope,
  report: Report,
): readonly ResolvedEdge[] | undefined {
  const place = edge.placeOf(['$from']);
  const refuse = (text: string): undefined => report({ code: 'study/invalid', place, text }) as undefined;
  const parsed = parseEdge(edge.value.$from);
  if (!parsed) return refuse(`"${edge.value.$from}" must be a node and one of its ports, for example "data.train".`);
  const { node, port } = parsed;
  const at = new Map(
    Object.entries(edge.value.at ?? {}).map(([axis, value]) => [
      axis,
      { value, placeOf: below(edge.placeOf, 'at', axis) },
    ]),
  );
  if (scope.given && node === inputsName) return fromInput(port, { at, place }, scope, report);
  if (scope.inner.has(node) && scope.file.nodes.has(node)) return undefined;
  if (scope.file.nodes.has(node)) {
    const from = `${scope.include === undefined ? '' : `${scope.include}/`}${node}.${port}`;
    return [{ from, at, place, through: [] }];
  }
  const inner = scope.inner.get(node);
  if (inner) return fromOutput(port, { at, place }, inner, report);
  const isLeftOut = scope.inner.has(node) || scope.file.isLeftOut('include', node);
  return isLeftOut ? undefined : refuse(unknownNode(node, scope));
}

type Written = Pick<ResolvedEdge, 'at' | 'place'>;

const silently: Report = () => {}; // told where it is written

function fromInput(
  port: string,
  { at, place }: Written,
  { given }: Scope,
  report: Report,
): readonly ResolvedEdge[] | undefined {
  const { found, include, outer } = given!;
  const inputs = new Map(Object.entries(found.recipe.parts.inputs ?? {}));
  const { name, output } = inputNamed(port, inputs);
  const input = inputs.get(name);
  if (!input || (input.kind === 'outputs') !== (output !== undefined)) {
    const text = input
      ? `"in.${port}" stands for all outputs of something. Name one of them after a dot.`
      : `This recipe has no input "${name}".${suggestion(name, inputs.keys())}`;
    if (!found.recipe.isLeftOut('inputs', name)) report({ code: 'study/invalid', place, text });
    return undefined;
  }
  const written = givenEdges(include, name);
  if (output !== undefined && !written.every((edge) => isWhole(edge, outer))) return undefined;
  const edges = written.map((edge) => (output === undefined ? edge : outputOf(edge, output)));
  if (edges.length === 0 ? !input.optional : edges.length > 1 && !input.many) return undefined;
  const all = edges.map((edge) => resolveEdge(edge, outer, silently));
  if (all.some((each) => each === undefined)) return undefined;
  const through = input.kind === 'outputs' ? [] : [{ name: `${inputsName}.${name}`, kind: input.kind, place }];
  const resolved = all.flatMap((each) => each ?? []);
  const joined = resolved.map((edge) => chosenAt(edge, at, report));
  if (joined.some((each) => each === undefined)) return undefined;
  return joined.flatMap((edge) => (edge ? [{ ...edge, through: [...edge.through, ...through] }] : []));
}

/** An input, and for one that takes a node whole, which of its outputs: `data` and `train` for `data.train`. */
function inputNamed(
  port: string,
  inputs: ReadonlyMap<string, RecipeInput>,
): { readonly name: string; readonly output: string | undefined } {
  const dot = port.indexOf('.');
  const name = dot < 0 ? port : port.slice(0, dot);
  return inputs.get(name)?.kind === 'outputs' && dot >= 0
    ? { name, output: port.slice(dot + 1) }
    : { name: port, output: undefined };
}

function outputOf({ value, placeOf }: Placed<UnresolvedEdge>, output: string): Placed<UnresolvedEdge> {
  return { value: { ...value, $from: `${value.$from}.${output}` }, placeOf };
}

function isWhole(edge: Placed<UnresolvedEdge>, scope: Scope): boolean {
  let isSound = true;
  checkWhole(edge, scope, () => {
    isSound = false;
  });
  return isSound;
}

/** Reports what is no node and no include, where all outputs of one are wanted. */
export function checkWhole({ value, placeOf }: Placed<UnresolvedEdge>, scope: Scope, report: Report): void {
  const { $from } = value;
  const inputs = scope.given?.found.recipe.parts.inputs ?? {};
  const own = $from.startsWith(`${inputsName}.`) ? $from.slice(inputsName.length + 1) : undefined;
  if (own !== undefined && scope.given && Object.hasOwn(inputs, own) && inputs[own]!.kind === 'outputs') return;
  if (scope.file.nodes.has($from) || scope.inner.has($from) || scope.file.isLeftOut('include', $from)) return;
  const [node] = $from.split('.');
  const isPart = scope.file.nodes.has(node!) || scope.inner.has(node!);
  const text = isPart
    ? `This takes all outputs of a node or of an include: { "$from": "${node}" }.`
    : unknownNode($from, scope);
  report({ code: 'study/invalid', place: placeOf(['$from']), text });
}

function fromOutput(
  name: string,
  { at, place }: Written,
  inner: Scope,
  report: Report,
): readonly ResolvedEdge[] | undefined {
  const { recipe } = inner.given!.found;
  const output = outputEdges(name, inner);
  if (!output) {
    const text = `The recipe of "${inner.include}" has no output "${name}".${suggestion(name, Object.keys(recipe.parts.outputs ?? {}))}`;
    if (!recipe.isLeftOut('outputs', name)) report({ code: 'study/invalid', place, text });
    return undefined;
  }
  if (output.some(isInput)) return undefined; // which is refused where it is written, and could lead round in a circle
  const all = output.map((edge) => resolveEdge(edge, inner, silently));
  const resolved = all.flatMap((edges) => edges ?? []).map((edge) => chosenAt({ ...edge, place }, at, report));
  return all.every(Boolean) && resolved.every((edge) => edge !== undefined) ? resolved : undefined;
}

/** What an output of a recipe is in the recipe; undefined where it has none of this name. */
export function outputEdges(name: string, scope: Scope): readonly Placed<UnresolvedEdge>[] | undefined {
  const outputs = scope.file.parts.outputs ?? {};
  if (!Object.hasOwn(outputs, name)) return undefined;
  const written: Placed = { value: outputs[name], placeOf: inText(scope.include, 'outputs', name) };
  const { value, placeOf } = withParams(written, scope, silently);
  return edgesAt({ value: value as UnresolvedEdge | UnresolvedEdge[], placeOf }); // parameters stand for labels only
}

/** Whether an edge of a recipe comes from one of its inputs. */
export function isInput({ value }: Placed<UnresolvedEdge>): boolean {
  return parseEdge(value.$from)?.node === inputsName;
}

/** What an include connects to an input of its recipe. */
export function givenEdges(
  { value, placeOf }: Placed<WrittenInclude>,
  name: string,
): readonly Placed<UnresolvedEdge>[] {
  const inputs = value.in ?? {};
  if (!Object.hasOwn(inputs, name)) return [];
  return edgesAt({ value: inputs[name]!, placeOf: below(placeOf, 'in', name) });
}

/** One edge, or a list of them, as a list. */
export function edgesAt({
  value,
  placeOf,
}: Placed<UnresolvedEdge | readonly UnresolvedEdge[]>): readonly Placed<UnresolvedEdge>[] {
  if (isList(value)) return value.map((item, index) => ({ value: item, placeOf: below(placeOf, index) }));
  return [{ value, placeOf }];
}

function isList(value: UnresolvedEdge | readonly UnresolvedEdge[]): value is readonly UnresolvedEdge[] {
  return Array.isArray(value);
}

/** The edge at these labels, too. */
function chosenAt(edge: ResolvedEdge, at: ResolvedEdge['at'], report: Report): ResolvedEdge | undefined {
  const twice = [...at].find(([axis]) => edge.at.has(axis));
  if (!twice) return { ...edge, at: new Map([...edge.at, ...at]) };
  const [axis, labels] = twice;
  const text = `Labels on the axis "${axis}" are chosen already where this comes from. Choose them in one place.`;
  report({ code: 'study/invalid', place: labels.placeOf([]), text });
  return undefined;
}

function unknownNode(name: string, { file, inner, given }: Scope): string {
  const [include] = name.split('/');
  const recipe = name.includes('/') ? inner.get(include!)?.given?.found.recipe : undefined;
  if (recipe) {
    const outputs = Object.keys(recipe.parts.outputs ?? {}).map((output) => `${include}.${output}`);
    return `"${name}" is inside of a recipe, which gives away its outputs only: ${outputs.join(', ')}.`;
  }
  const known = [...file.nodes.keys(), ...inner.keys(), ...(given ? [inputsName] : [])];
  return `There is no node "${name}".${suggestion(name, known)}`;
}
