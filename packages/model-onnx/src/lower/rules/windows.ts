import { intOf, intsOf, textOf } from '../../decode/onnx-node.ts';
import { axisOf, lengthOf } from '../../views/view.ts';
import { constantInput, type Lowering, mapInput, optionalConstant, type Rule, refused } from '../rule.ts';
import type { Computed, Value } from '../values.ts';

type Pair = readonly [number, number];

/** A window as a node describes it. */
interface Window {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  /** Top, bottom, left, right. */
  readonly padding: readonly [number, number, number, number];
  /** What ceil mode adds below and on the right. */
  readonly overhang: Pair;
  readonly size: Pair;
}

const windowAttributes = ['auto_pad', 'dilations', 'kernel_shape', 'pads', 'strides'];

/** Convolutions and pooling. */
export const windows: Readonly<Record<string, Rule>> = {
  Conv: { attributes: [...windowAttributes, 'group'], lower: lowerConvolution },
  MaxPool: { attributes: [...windowAttributes, 'ceil_mode', 'storage_order'], lower: lowerMaxPool },
  AveragePool: { attributes: [...windowAttributes, 'ceil_mode', 'count_include_pad'], lower: lowerAveragePool },
};

function lowerConvolution(lowering: Lowering): readonly Value[] {
  const { node, builder, inputs } = lowering;
  const kernel = constantInput(lowering, 1);
  if (kernel.shape.length !== 4)
    throw refused(
      lowering,
      `has a kernel of ${kernel.shape.length} axes; only convolutions over height and width are supported`,
    );
  if (inputs[0]?.kind === 'constant') throw refused(lowering, 'convolves a constant');
  const x = mapInput(lowering);
  const channels = lengthOf(x.view.groups[2]!);
  const groups = intOf(node, 'group', 1);
  const [outputs, each, ...size] = kernel.shape as readonly [number, number, number, number];
  const stated = intsOf(node, 'kernel_shape');
  if (each * groups !== channels || outputs % groups !== 0 || (stated && stated.join() !== size.join()))
    throw refused(
      lowering,
      `has a kernel of the shape [${kernel.shape.join(', ')}] in ${groups} groups for ${channels} channels`,
    );
  const window = windowOf(lowering, x, size);
  const layout = groups === channels && groups > 1 ? 'depthwise' : 'convolution';
  const weight = builder.parameter(kernel, { owner: layout, part: 'weight' });
  const bias = biasOf(lowering, weight, outputs);
  const { stride, padding, dilation } = window;
  const layer = {
    kind: 'convolution',
    weight,
    bias,
    inputs: channels,
    outputs,
    kernel: window.kernel,
    stride,
    padding,
    dilation,
    groups,
  } as const;
  return [mapOutput(lowering, layer, x, window, outputs)];
}

/** The exporter gives zeros, which nobody learned, to what has no bias. */
function biasOf(lowering: Lowering, kernel: string, outputs: number): string | null {
  const bias = optionalConstant(lowering, 2);
  if (!bias || (!bias.origin && bias.values().every((value) => value === 0))) return null;
  if (bias.shape.join() !== String(outputs))
    throw refused(lowering, `has a bias of the shape [${bias.shape.join(', ')}] for ${outputs} outputs`);
  return lowering.builder.parameter(bias, { owner: kernel, part: 'bias' });
}

function lowerMaxPool(lowering: Lowering): readonly Value[] {
  const { node } = lowering;
  if (node.outputs.slice(1).some((output) => lowering.uses(output) > 0))
    throw refused(lowering, 'gives the places of the largest values, which is not supported');
  const { x, window, channels } = pooled(lowering);
  const [top, bottom, left, right] = window.padding;
  const padding = [top, bottom + window.overhang[0], left, right + window.overhang[1]] as const;
  return [
    mapOutput(
      lowering,
      { kind: 'max-pool', kernel: window.kernel, stride: window.stride, padding },
      x,
      window,
      channels,
    ),
  ];
}

function lowerAveragePool(lowering: Lowering): readonly Value[] {
  const { x, window, channels } = pooled(lowering);
  const { kernel, stride, padding, overhang } = window;
  const countsPadding = intOf(lowering.node, 'count_include_pad', 0) !== 0;
  return [
    mapOutput(
      lowering,
      { kind: 'average-pool', kernel, stride, padding, countsPadding, overhang },
      x,
      window,
      channels,
    ),
  ];
}

function pooled(lowering: Lowering) {
  const size = intsOf(lowering.node, 'kernel_shape') ?? [];
  if (size.length !== 2)
    throw refused(lowering, `has a window of ${size.length} axes; only windows over height and width are supported`);
  const x = mapInput(lowering);
  const window = windowOf(lowering, x, size);
  if (window.dilation.some((step) => step !== 1))
    throw refused(lowering, `has dilations of ${window.dilation.join(' and ')}, which pooling does not support`);
  return { x, window, channels: lengthOf(x.view.groups[2]!) };
}

function mapOutput(
  { builder }: Lowering,
  layer: Parameters<typeof builder.add>[0],
  x: Computed,
  { size }: Window,
  channels: number,
): Computed {
  const [height, width, features] = [axisOf(size[0]), axisOf(size[1]), axisOf(channels)];
  return builder.add(layer, [x.node], { axes: [[], features, height, width], groups: [height, width, features] });
}

function windowOf(lowering: Lowering, x: Computed, kernel: readonly number[]): Window {
  const { node } = lowering;
  const input = [lengthOf(x.view.groups[0]!), lengthOf(x.view.groups[1]!)] as const;
  const [stride, dilation] = [intsOf(node, 'strides') ?? [1, 1], intsOf(node, 'dilations') ?? [1, 1]];
  const pads = paddingOf(lowering, input, kernel, stride, dilation);
  const sizes = [...kernel, ...stride, ...dilation];
  if (
    sizes.length !== 6 ||
    !sizes.every((value) => Number.isInteger(value) && value >= 1) ||
    pads.length !== 4 ||
    !pads.every((value) => Number.isInteger(value) && value >= 0)
  )
    throw refused(
      lowering,
      `has a window of ${kernel.join(' x ')} with the strides ${stride.join(', ')}, dilations ${dilation.join(', ')} and padding ${pads.join(', ')}; positive sizes over height and width are expected`,
    );
  const along = [0, 1].map((axis) =>
    alongAxis(
      input[axis]!,
      dilation[axis]! * (kernel[axis]! - 1) + 1,
      stride[axis]!,
      [pads[axis]!, pads[axis + 2]!],
      intOf(node, 'ceil_mode', 0) !== 0,
    ),
  );
  const [rows, columns] = along as [(typeof along)[number], (typeof along)[number]];
  if (rows.size < 1 || columns.size < 1)
    throw refused(
      lowering,
      `has a window that is larger than its map of ${input.join(' x ')}: the images are too small for this network`,
    );
  const pair = (values: readonly number[]): Pair => [values[0]!, values[1]!];
  return {
    kernel: pair(kernel),
    stride: pair(stride),
    dilation: pair(dilation),
    padding: [pads[0]!, pads[2]!, pads[1]!, pads[3]!],
    overhang: [rows.overhang, columns.overhang],
    size: [rows.size, columns.size],
  };
}

/** ONNX names all beginnings, then all ends. `SAME_UPPER` puts what is odd at the end. */
function paddingOf(
  lowering: Lowering,
  input: Pair,
  kernel: readonly number[],
  stride: readonly number[],
  dilation: readonly number[],
): readonly number[] {
  const mode = textOf(lowering.node, 'auto_pad', 'NOTSET') || 'NOTSET';
  if (mode === 'NOTSET') return intsOf(lowering.node, 'pads') ?? [0, 0, 0, 0];
  if (mode === 'VALID') return [0, 0, 0, 0];
  if (mode !== 'SAME_UPPER' && mode !== 'SAME_LOWER') throw refused(lowering, `asks for padding of the kind "${mode}"`);
  const totals = input.map((length, axis) => {
    const windows = Math.ceil(length / stride[axis]!);
    return Math.max(0, (windows - 1) * stride[axis]! + dilation[axis]! * (kernel[axis]! - 1) + 1 - length);
  });
  const [smaller, larger] = [totals.map((total) => Math.floor(total / 2)), totals.map((total) => Math.ceil(total / 2))];
  return mode === 'SAME_UPPER' ? [...smaller, ...larger] : [...larger, ...smaller];
}

/** How many windows there are along an axis. Ceil mode adds one that ends beyond the border, unless it begins there. */
function alongAxis(
  length: number,
  window: number,
  stride: number,
  [before, after]: Pair,
  ceil: boolean,
): { readonly size: number; readonly overhang: number } {
  const room = length + before + after - window;
  const size = Math.floor(room / stride) + 1;
  if (!ceil || room < 0 || room % stride === 0 || size * stride >= length + before) return { size, overhang: 0 };
  return { size: size + 1, overhang: size * stride - room };
}
