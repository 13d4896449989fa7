import { StudyError } from '@espalier/core';
import type { Network } from '@espalier/nn';
import { imagesName } from '@espalier/nn';
import { type Constant, computed, integersOf } from '../constants/constant.ts';
import { typeOf } from '../constants/tensor.ts';
import type { TensorPlace } from '../constants/tensor-place.ts';
import { exporterLine, quoted, unsupported } from '../decode/model-error.ts';
import type { OnnxNode } from '../decode/onnx-node.ts';
import { intOf } from '../decode/onnx-node.ts';
import { FoldingBudget } from '../fold/folding.ts';
import { folds } from '../fold/folds.ts';
import type { Graph } from '../graph/read-graph.ts';
import { lengthOf, plainView } from '../views/view.ts';
import { moduleNodes } from './module-nodes.ts';
import { namedNodes } from './names.ts';
import { type Copy, NetworkBuilder, type Weight } from './network-builder.ts';
import { refused } from './rule.ts';
import { moves } from './rules/moves.ts';
import { rules } from './rules/rules.ts';
import { type Computed, shapeOfValue, type Value } from './values.ts';

/** By the name of a parameter that is a copy of a tensor. */
export type Copies = ReadonlyMap<string, readonly Copy[]>;

/** A file's graph as a network. */
export interface Lowered {
  readonly network: Network;
  readonly weights: ReadonlyMap<string, Weight>;
  /** Parameters that are copies of a tensor, and the nodes that use them. */
  readonly copies: Copies;
  readonly classes: number;
  /** What a person should know of it, as sentences. */
  readonly notes: readonly string[];
}

/** Pixels of the images. */
export interface ImageSize {
  readonly height: number;
  readonly width: number;
}

/** What a graph is lowered with. */
interface Lowers {
  readonly graph: Graph;
  readonly place: TensorPlace;
  readonly opset: number;
  readonly builder: NetworkBuilder;
  readonly budget: FoldingBudget;
  readonly values: Map<string, Value>;
}

/**
 * The graph as a network for images of one size.
 *
 * @param architecture what to call it
 * @throws StudyError `model-onnx/unsupported`, naming every operator that has no rule
 */
export function lowerGraph(
  graph: Graph,
  place: TensorPlace,
  opset: number,
  { height, width }: ImageSize,
  architecture: string,
): Lowered {
  const builder = new NetworkBuilder();
  const pixels = plainView([height, width, 3]);
  const [rows, columns, channels] = pixels.axes;
  const images: Computed = {
    kind: 'computed',
    node: imagesName,
    view: { axes: [[], channels!, rows!, columns!], groups: pixels.groups },
  };
  const values = new Map<string, Value>([...graph.constants, [graph.input.name, images]]);
  const notes: string[] = [];
  const end = withoutSoftmax(graph, notes, place);
  lowerNodes({ graph, place, opset, builder, budget: new FoldingBudget(place.name), values }, end.nodes);
  const { output, classes } = logitsOf(builder, values.get(end.output), place);
  const named = namedNodes(builder.nodes, output, moduleNodes(builder, end.nodes, values));
  return {
    network: { architecture, ...named },
    weights: usedWeights(builder, named),
    copies: builder.copies,
    classes,
    notes,
  };
}

function lowerNodes(lowers: Lowers, nodes: readonly OnnxNode[]): void {
  const problems: { readonly node: OnnxNode; readonly text: string | null }[] = [];
  for (const node of nodes) {
    try {
      const results = lowered(lowers, node);
      if (results) note(lowers, node, results);
      else problems.push({ node, text: null });
    } catch (error) {
      if (!StudyError.is(error) || error.code !== 'model-onnx/unsupported') throw error;
      problems.push({ node, text: error.message });
    }
    for (const name of node.outputs) if (!lowers.values.has(name)) lowers.values.set(name, { kind: 'unknown' });
  }
  if (problems.length > 0) throw problemsError(problems, lowers);
}

function note({ values }: Lowers, { outputs }: OnnxNode, results: readonly Value[]): void {
  for (const [i, name] of outputs.entries()) if (name !== '' && results[i]) values.set(name, results[i]);
}

/** The outputs of a node; null where there is no rule for its operator. Nothing is known of what depends on something unknown. */
function lowered(lowers: Lowers, node: OnnxNode): readonly Value[] | null {
  const { graph, place, opset, builder, budget, values } = lowers;
  const rule = Object.hasOwn(rules, node.operator) ? rules[node.operator] : undefined;
  const fold = Object.hasOwn(folds, node.operator) ? folds[node.operator] : undefined;
  if (node.domain !== '' || !(rule || fold || shapeOperators.has(node.operator))) return null;
  const inputs = node.inputs.map((name) => (name === '' ? null : (values.get(name) ?? missing(node, name, place))));
  const known = inputs.filter((value) => value?.kind !== 'unknown') as readonly (Exclude<
    Value,
    { kind: 'unknown' }
  > | null)[]; // those were left out
  if (known.length < inputs.length) return rule ? node.outputs.map(() => ({ kind: 'unknown' })) : null;
  if (shapeOperators.has(node.operator)) return [shapeConstant(node, known[0] ?? null, place)];
  const constants = known.filter((value): value is Constant | null => value === null || value.kind === 'constant');
  if (fold && constants.length === known.length && !isView(node, constants))
    return fold({ node, inputs: constants, opset, place, budget });
  if (!rule) return null;
  const stranger = [...node.attributes.keys()].find((name) => !rule.attributes.includes(name));
  if (stranger !== undefined)
    throw refused({ node, place }, `has the attribute ${quoted(stranger)}, which is not known here`);
  builder.startNode(node);
  return rule.lower({ node, inputs: known, opset, place, builder, budget, uses: graph.uses });
}

const shapeOperators: ReadonlySet<string> = new Set(['Shape', 'Size']);

/** Whether a node of constants only gives another view of its first one. */
function isView({ operator, attributes }: OnnxNode, [x, shape]: readonly (Constant | null)[]): boolean {
  if (!Object.hasOwn(moves, operator)) return false;
  if (operator === 'Cast') return x?.type === 'float' && typeOf(Number(attributes.get('to')?.i)) === 'float';
  if (operator !== 'Expand') return true;
  const wanted = shape ? integersOf(shape) : [];
  return (
    x?.shape.length !== undefined &&
    wanted.toReversed().every((length, i) => length === 1 || length === x.shape.at(-1 - i))
  );
}

function missing(node: OnnxNode, name: string, place: TensorPlace): never {
  throw refused({ node, place }, `uses the value ${quoted(name)}, which nothing makes`);
}

function shapeConstant(node: OnnxNode, value: Value | null, place: TensorPlace) {
  if (value?.kind !== 'constant' && value?.kind !== 'computed')
    throw refused({ node, place }, 'takes what has no shape');
  const shape = shapeOfValue(value);
  const name = node.outputs[0]!;
  if (node.operator === 'Size')
    return computed(name, 'integer', [], Float64Array.of(shape.reduce((product, length) => product * length, 1)));
  const part = shape.slice(intOf(node, 'start', 0), node.attributes.has('end') ? intOf(node, 'end', 0) : undefined);
  return computed(name, 'integer', [part.length], Float64Array.from(part));
}

/** What comes before a last softmax: models give logits. */
function withoutSoftmax(
  { nodes, output }: Graph,
  notes: string[],
  place: TensorPlace,
): { readonly nodes: readonly OnnxNode[]; readonly output: string } {
  const last = nodes.at(-1);
  if (!last?.outputs.includes(output)) return { nodes, output };
  if (last.operator === 'Sigmoid')
    throw unsupported(
      place.name,
      `its output is a sigmoid of each class: it finds several classes in one image. Networks that tell one class per image are supported.`,
    );
  if (last.operator !== 'Softmax' && last.operator !== 'LogSoftmax') return { nodes, output };
  notes.push(`${place.name} ends in ${last.operator}, which is left out: the logits before it are what a model gives.`);
  return { nodes: nodes.slice(0, -1), output: last.inputs[0]! };
}

function logitsOf(
  builder: NetworkBuilder,
  value: Value | undefined,
  place: TensorPlace,
): { readonly output: string; readonly classes: number } {
  if (value?.kind !== 'computed' || value.node === imagesName)
    throw unsupported(
      place.name,
      'its output does not depend on the images. Name another one with the option "output".',
    );
  const axes = value.view.axes.filter(({ length }) => length > 0);
  const shape = value.view.axes.map(lengthOf);
  if (axes.length !== 1)
    throw unsupported(
      place.name,
      `its output has the shape [${shape.join(', ')}] for one image; [1, classes] with two classes or more is expected. Name another output with the option "output".`,
    );
  builder.startNode(null);
  return { output: builder.arranged(value, [axes[0]!]).node, classes: lengthOf(axes[0]!) };
}

function usedWeights({ weights }: NetworkBuilder, { nodes }: Pick<Network, 'nodes'>): ReadonlyMap<string, Weight> {
  const names = new Set(
    nodes.flatMap(({ layer }) => Object.values(layer).filter((value) => typeof value === 'string')),
  );
  return new Map([...weights].filter(([name]) => names.has(name)));
}

/** Everything that has no rule, in one error: operators with how often they occur, then nodes whose operator is known. */
function problemsError(
  problems: readonly { readonly node: OnnxNode; readonly text: string | null }[],
  { place, opset }: Lowers,
): StudyError {
  const strangers = new Map<string, OnnxNode[]>();
  for (const { node, text } of problems) {
    const key = node.domain === '' ? node.operator : `${node.domain}.${node.operator}`;
    if (text === null) strangers.set(key, [...(strangers.get(key) ?? []), node]);
  }
  const texts = problems.flatMap(({ text }) => text?.replace(`${place.name}: `, '') ?? []);
  const shown = texts.length > 8 ? [...texts.slice(0, 8), `and ${texts.length - 8} more`] : texts;
  const counted = [...strangers].map(
    ([key, nodes]) => `${key} (${nodes.length} of them; the first is the node ${quoted(nodes[0]!.name)})`,
  );
  const operators =
    counted.length === 0
      ? []
      : [
          `there is no rule for ${counted.join(', ')} in opset ${opset}. Supported are ${Object.keys(rules).sort().join(', ')}, and constants of more. If the network has one of these under a newer name, this helps: ${exporterLine}`,
        ];
  return unsupported(place.name, [...operators, ...shown].join(' · '));
}
