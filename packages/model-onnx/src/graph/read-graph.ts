import type { Constant } from '../constants/constant.ts';
import { constantOf } from '../constants/tensor.ts';
import { invalid, quoted, unsupported } from '../decode/model-error.ts';
import { type OnnxNode, onnxNode } from '../decode/onnx-node.ts';
import type { ModelFile } from '../decode/read-model.ts';
import { type GraphInput, graphInput } from './graph-input.ts';

/** A file's graph: what its output needs, and nothing else. */
export interface Graph {
  /** Every node after those whose values it uses. */
  readonly nodes: readonly OnnxNode[];
  readonly constants: ReadonlyMap<string, Constant>;
  readonly input: GraphInput;
  /** The value that tells the classes apart. */
  readonly output: string;
  /** How often nodes, and the graph itself, use a value. */
  readonly uses: (name: string) => number;
}

/**
 * @param output the name of the value that tells the classes apart; null where there is only one
 * @throws StudyError `model-onnx/invalid` or `model-onnx/unsupported`
 */
export function readGraph(file: ModelFile, output: string | null): Graph {
  const { graph } = file.model;
  const found = chosenOutput(
    file,
    graph!.output.map(({ name }) => name),
    output,
  ); // a decoded model has a graph
  const nodes = neededNodes(
    graph!.node.map((node) => onnxNode(node, file.name)),
    found,
    file.name,
  );
  const used = new Set([found, ...nodes.flatMap(({ inputs }) => inputs)]);
  const constants = new Map<string, Constant>();
  for (const tensor of graph!.initializer) {
    if (constants.has(tensor.name))
      throw invalid(file.name, `two tensors are called ${quoted(tensor.name)}. Export the model again.`);
    if (used.has(tensor.name)) constants.set(tensor.name, constantOf(tensor, tensor.name, file));
  }
  const inputs = graph!.input.filter(({ name }) => !constants.has(name) && used.has(name));
  const counts = new Map<string, number>([[found, 1]]);
  for (const name of nodes.flatMap((node) => node.inputs)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return {
    nodes,
    constants,
    input: graphInput(inputs, file.name),
    output: found,
    uses: (name) => counts.get(name) ?? 0,
  };
}

function chosenOutput({ name }: ModelFile, outputs: readonly string[], asked: string | null): string {
  const shown = outputs.slice(0, 20).map(quoted).join(', ');
  if (asked !== null && !outputs.includes(asked))
    throw unsupported(name, `it has no output ${quoted(asked)}; it has ${shown}. Correct the option "output".`);
  if (asked === null && outputs.length !== 1)
    throw unsupported(
      name,
      `it has ${outputs.length} outputs: ${shown}. Name the one that tells the classes apart with the option "output".`,
    );
  return asked ?? outputs[0]!;
}

/** In an order of computation, from the output backwards; iterative, since a file may be of any depth. */
function neededNodes(nodes: readonly OnnxNode[], output: string, file: string): readonly OnnxNode[] {
  const makers = new Map<string, number>();
  nodes.forEach((node, index) => {
    for (const name of node.outputs) {
      if (name === '') continue;
      if (makers.has(name)) throw invalid(file, `two nodes make the value ${quoted(name)}. Export the model again.`);
      makers.set(name, index);
    }
  });
  const needed = new Set<number>();
  const open = [output];
  while (open.length > 0) {
    const maker = makers.get(open.pop()!);
    if (maker === undefined || needed.has(maker)) continue;
    needed.add(maker);
    open.push(...nodes[maker]!.inputs);
  }
  return inOrder(nodes, needed, makers, file);
}

/** ONNX wants nodes in order; a file that is not so is refused. */
function inOrder(
  nodes: readonly OnnxNode[],
  needed: ReadonlySet<number>,
  makers: ReadonlyMap<string, number>,
  file: string,
): readonly OnnxNode[] {
  return nodes.filter((node, index) => {
    if (!needed.has(index)) return false;
    const late = node.inputs.find((name) => (makers.get(name) ?? -1) >= index);
    if (late === undefined) return true;
    throw invalid(
      file,
      `the node ${quoted(node.name)} uses the value ${quoted(late)}, which is made by no node before it. Export the model again.`,
    );
  });
}
