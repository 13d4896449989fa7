import { floatOf, intOf } from '../../decode/onnx-node.ts';
import { axisIn } from '../../fold/axes.ts';
import { lengthOf } from '../../views/view.ts';
import { computedInput, constantInput, type Lowering, type Rule, refused, withLast } from '../rule.ts';
import type { Value } from '../values.ts';

/** What normalises. */
export const norms: Readonly<Record<string, Rule>> = {
  BatchNormalization: { attributes: ['epsilon', 'momentum', 'spatial', 'training_mode'], lower: lowerBatchNorm },
  LayerNormalization: { attributes: ['axis', 'epsilon', 'stash_type'], lower: lowerLayerNorm },
  Softmax: { attributes: ['axis'], lower: lowerSoftmax },
};

function lowerBatchNorm(lowering: Lowering): readonly Value[] {
  const { node, builder } = lowering;
  if (
    intOf(node, 'training_mode', 0) !== 0 ||
    intOf(node, 'spatial', 1) !== 1 ||
    node.outputs.slice(1).some((output) => lowering.uses(output) > 0)
  )
    throw refused(lowering, 'is in training mode; export the network in evaluation mode: model.eval()');
  const x = computedInput(lowering, 0);
  if (x.view.axes.length < 2) throw refused(lowering, 'takes a value without channels');
  const last = withLast(lowering, x, [1]);
  const channels = lengthOf(x.view.axes[1]!);
  const parts = ['weight', 'bias', 'running_mean', 'running_var'].map((part, i) =>
    parameterOf(lowering, i + 1, part, channels),
  );
  const [scale, shift, mean, variance] = parts as [string, string, string, string];
  const [epsilon, momentum] = [floatOf(node, 'epsilon', 1e-5), 1 - floatOf(node, 'momentum', 0.9)];
  const layer = {
    kind: 'batch-norm',
    channels,
    scale,
    shift,
    mean,
    variance,
    count: null,
    epsilon,
    momentum: rounded(momentum),
  } as const;
  return [builder.add(layer, [last.node], last.view)];
}

/** ONNX keeps it as float32, and as the other share. */
function rounded(momentum: number): number {
  return Number(momentum.toPrecision(6));
}

function lowerLayerNorm(lowering: Lowering): readonly Value[] {
  const { node, builder } = lowering;
  const x = computedInput(lowering, 0);
  const rank = x.view.axes.length;
  const axis = axisIn(lowering, intOf(node, 'axis', -1), rank);
  const size = lengthOf(x.view.axes[axis]!);
  const others = Array.from({ length: rank - axis - 1 }, (_, i) => axis + 1 + i);
  if (others.some((each) => x.view.axes[each]!.length > 0))
    throw refused(lowering, 'normalises over several axes; only the last one is supported');
  if (!lowering.inputs[2]) throw refused(lowering, 'has no shift (bias), which is not supported');
  if (node.outputs.slice(1).some((output) => lowering.uses(output) > 0))
    throw refused(lowering, 'gives mean and deviation, which is not supported');
  const last = withLast(lowering, x, [axis]);
  const [scale, shift] = [parameterOf(lowering, 1, 'weight', size), parameterOf(lowering, 2, 'bias', size)];
  const layer = { kind: 'layer-norm', size, scale, shift, epsilon: floatOf(node, 'epsilon', 1e-5) } as const;
  return [builder.add(layer, [last.node], last.view)];
}

function parameterOf(lowering: Lowering, index: number, part: string, size: number): string {
  const constant = constantInput(lowering, index);
  if (constant.shape.join() === String(size))
    return lowering.builder.parameter(constant, { owner: `${part} of ${lowering.node.inputs.slice(1).join()}`, part });
  throw refused(lowering, `has an input ${index} of the shape [${constant.shape.join(', ')}]; [${size}] is expected`);
}

function lowerSoftmax(lowering: Lowering): readonly Value[] {
  const { node, builder, opset } = lowering;
  const x = computedInput(lowering, 0);
  const rank = x.view.axes.length;
  const axis = axisIn(lowering, intOf(node, 'axis', opset < 13 ? 1 : -1), rank);
  // Before version 13, all axes from the named one on are one.
  const axes = opset < 13 ? Array.from({ length: rank - axis }, (_, i) => axis + i) : [axis];
  const last = withLast(lowering, x, axes);
  return [builder.add({ kind: 'softmax' }, [last.node], last.view)];
}
