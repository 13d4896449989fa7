import { type AttributeProto, type NodeProto, type TensorProto, AttributeProto_AttributeType as Type } from 'onnx-buf';
import { limits } from './limits.ts';
import { invalid, quoted, unsupported } from './model-error.ts';

/** One step of the file's graph. */
export interface OnnxNode {
  /** As the file names it; its first output's name where it has none. */
  readonly name: string;
  readonly operator: string;
  /** Empty for ONNX' own operators. */
  readonly domain: string;
  /** Names of values; an empty one is an input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, AttributeProto>;
  /** From the network to the module that made the node, then the node: `['', 'layer1', 'layer1.0', 'relu']`; empty where the file does not say. */
  readonly scopes: readonly string[];
  /** Whether a BatchNorm of the network became this node. */
  readonly isOfBatchNorm: boolean;
}

/** @throws StudyError `model-onnx/invalid` or `model-onnx/unsupported` */
export function onnxNode(node: NodeProto, file: string): OnnxNode {
  const { input, output, opType, domain, attribute } = node;
  const name = node.name || output[0] || opType;
  for (const text of [name, opType, domain, ...input, ...output])
    if (text.length > limits.characters)
      throw invalid(file, `a node has a name of ${text.length} characters; at most ${limits.characters} are expected.`);
  if (opType === '') throw invalid(file, `the node ${quoted(name)} names no operator. Export the model again.`);
  const attributes = new Map(attribute.map((each) => [each.name, each]));
  const graphs = attribute.find(
    ({ type, g, graphs }) => g || graphs.length > 0 || type === Type.GRAPH || type === Type.GRAPHS,
  );
  if (graphs)
    throw unsupported(
      file,
      `the node ${quoted(name)} (${opType}) holds a graph of its own, such as a branch or a loop, which is not supported. Export the network with fixed sizes and without control flow.`,
    );
  const metadata = new Map(node.metadataProps.map(({ key, value }) => [key, value]));
  const hierarchy = metadata.get('pkg.torch.onnx.class_hierarchy') ?? metadata.get('namespace') ?? '';
  return {
    name,
    operator: opType,
    domain: domain === 'ai.onnx' ? '' : domain,
    inputs: input,
    outputs: output,
    attributes,
    scopes: scopesIn(metadata.get('pkg.torch.onnx.name_scopes')) ?? slashScopes(node.name, opType),
    isOfBatchNorm: /batch_?norm/i.test(hierarchy),
  };
}

/** Python's way to write a list of texts. */
function scopesIn(text: string | undefined): readonly string[] | undefined {
  if (text === undefined || text.length > limits.characters || !/^\[.*\]$/.test(text)) return undefined;
  const found = [...text.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/g)].map((match) => match[1] ?? match[2]!);
  return found.length > 1 ? found : undefined;
}

/** The older exporter names nodes `/layer1/layer1.0/relu/Relu`. */
function slashScopes(name: string, operator: string): readonly string[] {
  const steps = name.split('/');
  if (steps[0] !== '' || steps.length < 2 || !steps.at(-1)!.startsWith(operator)) return [];
  return [...steps.slice(0, -1).map((_, i) => steps.slice(0, i + 1).join('/')), steps.at(-1)!];
}

/** A whole number among the attributes. */
export function intOf(node: OnnxNode, name: string, otherwise: number): number {
  const found = node.attributes.get(name);
  return found ? Number(found.i) : otherwise;
}

export function intsOf(node: OnnxNode, name: string): readonly number[] | undefined {
  const found = node.attributes.get(name);
  return found?.ints.map(Number);
}

export function floatOf(node: OnnxNode, name: string, otherwise: number): number {
  return node.attributes.get(name)?.f ?? otherwise;
}

export function textOf(node: OnnxNode, name: string, otherwise: string): string {
  const found = node.attributes.get(name);
  return found ? new TextDecoder().decode(found.s.subarray(0, limits.characters)) : otherwise;
}

export function tensorOf(node: OnnxNode, name: string): TensorProto | undefined {
  return node.attributes.get(name)?.t;
}
