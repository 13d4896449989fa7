import type { OnnxNode } from '../decode/onnx-node.ts';
import type { Graph } from './read-graph.ts';

/** Whether BatchNorm was folded into kernels; `null` where the file does not show it. */
export interface NormFolding {
  readonly isFolded: boolean | null;
  /** A convolution that may have been folded, where that is not known. */
  readonly doubtful: OnnxNode | null;
}

/** What the file shows of folding: what exporters leave where they fold, and convolutions that cannot have been folded. */
export function normFoldingIn(graph: Graph): NormFolding {
  if (graph.nodes.some(showsFolding)) return { isFolded: true, doubtful: null };
  const normalised = new Set(
    graph.nodes.flatMap(({ operator, inputs }) => (operator === 'BatchNormalization' ? [inputs[0]] : [])),
  );
  const doubtful = graph.nodes.find((node) => node.operator === 'Conv' && !isPlain(node, normalised, graph)) ?? null;
  return { isFolded: doubtful ? null : false, doubtful };
}

/** PyTorch's older exporter renames what it folds, the default one keeps where a node is from or names its bias, onnxruntime says so. */
function showsFolding({ operator, inputs, isOfBatchNorm }: OnnxNode): boolean {
  if (isOfBatchNorm && operator !== 'BatchNormalization') return true;
  if (operator !== 'Conv') return false;
  const [, weight = '', bias = ''] = inputs;
  return /^(onnx::Conv_\d+$|ConvBnFusion_)/.test(weight) || bias === `${weight}_bias`;
}

/** NormFolding leaves a bias, puts the convolution in the place of its BatchNorm, and does not come before another one. */
function isPlain(
  { inputs, outputs, scopes }: OnnxNode,
  normalised: ReadonlySet<string | undefined>,
  graph: Graph,
): boolean {
  const [, weight, bias = ''] = inputs;
  if (!graph.constants.has(bias) || normalised.has(outputs[0])) return true;
  const module = scopes.at(-2)?.split('/').at(-1);
  return module !== undefined && weight === `${module}.weight`;
}
