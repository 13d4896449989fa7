import { expect, test } from 'vitest';
import { decodeModel } from '../src/decode/read-model.ts';
import { normFoldingIn } from '../src/graph/norm-folding.ts';
import { readGraph } from '../src/graph/read-graph.ts';
import { checkFolding, type OnnxNetwork } from '../src/model/onnx-network.ts';
import { bytesOf, floats, type SmallNode, smallModel } from './small-model.ts';

const norm = ['scale', 'shift', 'mean', 'variance'].map((name) => floats(name, [2]));
const batchNorm: SmallNode = ['BatchNormalization', ['a', 'scale', 'shift', 'mean', 'variance'], 'y'];

/** What a network of one convolution shows, by the names of its kernel and bias and of the module that its node is in. */
function shown(weight: string, bias: string | null, module: string | null, isNormalised = false) {
  const tensors = [
    floats(weight, [2, 3, 1, 1]),
    ...(bias === null ? [] : [floats(bias, [2])]),
    ...(isNormalised ? norm : []),
  ];
  const convolution: SmallNode = ['Conv', ['x', weight, ...(bias === null ? [] : [bias])], isNormalised ? 'a' : 'y'];
  const model = smallModel({ nodes: [convolution, ...(isNormalised ? [batchNorm] : [])], tensors });
  if (module !== null) model.graph!.node[0]!.name = `/features/${module}/Conv`;
  return normFoldingIn(readGraph(decodeModel(bytesOf(model), '/net.onnx', 'net.onnx'), null));
}

test.each([
  ['no bias', 'k', null, null, false, false],
  ['a bias before a BatchNorm', 'k', 'b', null, true, false],
  ['names of its own module', 'features.0.weight', 'features.0.bias', 'features.0', false, false],
  ['a bias, and names that say nothing', 'k', 'b', null, false, null],
  ['the name of another module', 'features.0.weight', 'features.0.bias', 'features.1', false, null],
  ["the older exporter's number", 'onnx::Conv_21', 'onnx::Conv_22', null, false, true],
  ["the default exporter's bias", 'features.0.weight', 'features.0.weight_bias', null, false, true],
  ["onnxruntime's name", 'ConvBnFusion_W_k', 'ConvBnFusion_BN_B_b', null, false, true],
])('%s: a convolution shows whether it was folded', (_title, weight, bias, module, isNormalised, isFolded) => {
  expect(shown(weight, bias, module, isNormalised).isFolded).toBe(isFolded);
});

test('what a file does not show must be said, either way', () => {
  const network = { file: { name: 'net.onnx' }, folding: shown('k', 'b', null) } as OnnxNetwork;
  expect(() => checkFolding(network, { folded: null })).toThrow(
    'net.onnx: whether BatchNorm was folded into its kernels cannot be seen: the convolution "node y" has a bias, as folding leaves one.',
  );
  checkFolding(network, { folded: true });
  checkFolding(network, { folded: false });
});
