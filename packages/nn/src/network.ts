import type { LayerInfo, ParameterInfo } from '@espalier/core';

/** A convolution, the BatchNorm that follows it, and relu: the unit that networks are built and folded in. */
export interface ConvolutionLayer {
  readonly kind: 'convolution';
  /** Prefix of its kernel's parameter name: `<name>.weight`. */
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly size: number;
  readonly stride: number;
  readonly padding: number;
  /** Prefix of the BatchNorm's parameter names. */
  readonly norm: string;
  readonly relu: boolean;
}

/** The largest of every window, channel by channel; sizes in places. */
export interface MaxPoolLayer {
  readonly kind: 'max-pool';
  readonly size: number;
  readonly stride: number;
  readonly padding: number;
}

/** The pool's window as `Ops` takes it. */
export function poolWindow({ size, stride, padding }: MaxPoolLayer) {
  return { height: size, width: size, stride, padding };
}

/** relu(body(x) + shortcut(x)); an empty shortcut is the identity. The last layer of each path has no relu. */
export interface ResidualLayer {
  readonly kind: 'residual';
  readonly body: readonly ConvolutionLayer[];
  readonly shortcut: ConvolutionLayer | null;
}

/** Mean over space, then a dense layer: activations to logits. */
export interface ClassifierLayer {
  readonly kind: 'classifier';
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
}

/** A layer between the image and the classifier. */
export type FeatureLayer = ConvolutionLayer | MaxPoolLayer | ResidualLayer;

/** One step of the network; `output` names its activation at the port. */
export interface Stage {
  readonly layer: FeatureLayer;
  readonly output?: string;
}

/** A classifier as data. */
export interface Network {
  /** For example `resnet18`. */
  readonly architecture: string;
  readonly stages: readonly Stage[];
  readonly classifier: ClassifierLayer;
  readonly batchNorm: BatchNormOptions;
}

/** The constants of every BatchNorm of a network. */
export interface BatchNormOptions {
  /** Added to the variance. */
  readonly epsilon: number;
  /** Weight of the new batch in the running statistics, PyTorch's sense. */
  readonly momentum: number;
}

/** The convolutions of a layer, in the order of their parameters. */
export function convolutionsOf(layer: FeatureLayer): readonly ConvolutionLayer[] {
  if (layer.kind === 'convolution') return [layer];
  if (layer.kind === 'residual') return layer.shortcut ? [...layer.body, layer.shortcut] : layer.body;
  return [];
}

/** All parameters, with PyTorch's names, shapes and order. */
export function parametersOf(network: Network): ParameterInfo[] {
  const { name, inputs, outputs } = network.classifier;
  return [
    ...network.stages.flatMap(({ layer }) => convolutionsOf(layer)).flatMap(convolutionParameters),
    { name: `${name}.weight`, shape: [outputs, inputs], role: 'kernel' },
    { name: `${name}.bias`, shape: [outputs], role: 'bias' },
  ];
}

function convolutionParameters({ name, norm, inputs, outputs, size }: ConvolutionLayer): ParameterInfo[] {
  return [
    { name: `${name}.weight`, shape: [outputs, inputs, size, size], role: 'kernel' },
    { name: `${norm}.weight`, shape: [outputs], role: 'scale' },
    { name: `${norm}.bias`, shape: [outputs], role: 'shift' },
    { name: `${norm}.running_mean`, shape: [outputs], role: 'statistic' },
    { name: `${norm}.running_var`, shape: [outputs], role: 'statistic' },
    { name: `${norm}.num_batches_tracked`, shape: [], role: 'statistic' },
  ];
}

/** The named activations, with their sizes for images of `input`'s size. */
export function layersOf(network: Network, input: { readonly height: number; readonly width: number }): LayerInfo[] {
  let { height, width } = input;
  let features = 0;
  const layers: LayerInfo[] = [];
  for (const { layer, output } of network.stages) {
    for (const { size, stride, padding } of pathOf(layer)) {
      height = Math.floor((height + 2 * padding - size) / stride) + 1;
      width = Math.floor((width + 2 * padding - size) / stride) + 1;
    }
    features = convolutionsOf(layer).at(-1)?.outputs ?? features;
    if (output) layers.push({ name: output, height, width, features });
  }
  return layers;
}

function pathOf(layer: FeatureLayer): readonly (ConvolutionLayer | MaxPoolLayer)[] {
  return layer.kind === 'residual' ? layer.body : [layer];
}
