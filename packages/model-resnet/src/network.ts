import type { Network, Node } from '@espalier/nn';

/** Basic blocks in each of the four groups. */
export const blockCounts = { resnet18: [2, 2, 2, 2], resnet34: [3, 4, 6, 3] } as const;

/** Which of the depths. */
export type Architecture = keyof typeof blockCounts;

/**
 * ResNet-18 or 34 with torchvision's names: He et al. 2015, "Deep residual learning for image recognition", table 1,
 * with option B shortcuts (projection where the shape changes).
 *
 * @param width channels of the first group; 64 in the paper
 */
export function resnet(architecture: Architecture, classes: number, width: number): Network {
  const groups = blockCounts[architecture].flatMap((blocks, index) => group(index, blocks, width));
  return {
    architecture,
    nodes: [
      ...convolution({ name: 'conv1', norm: 'bn1', from: 'images' }, 3, width, { size: 7, stride: 2, padding: 3 }),
      { name: 'relu', inputs: ['bn1'], layer: { kind: 'relu' } },
      {
        name: 'maxpool',
        inputs: ['relu'],
        layer: { kind: 'max-pool', ...windowOf({ size: 3, stride: 2, padding: 1 }) },
      },
      ...groups,
      { name: 'avgpool', inputs: ['layer4'], layer: { kind: 'mean', axes: [0, 1], keepsAxes: false } },
      {
        name: 'fc',
        inputs: ['avgpool'],
        layer: {
          kind: 'dense',
          weight: 'fc.weight',
          bias: 'fc.bias',
          axes: 'o i',
          inputs: width * 8,
          outputs: classes,
        },
      },
    ],
    output: 'fc',
    stages: ['relu', 'maxpool', 'layer1', 'layer2', 'layer3', 'layer4'],
  };
}

function group(index: number, blocks: number, width: number): Node[] {
  const outputs = width * 2 ** index;
  return Array.from({ length: blocks }, (_, block) => {
    const prefix = `layer${index + 1}`;
    const first = block === 0 && index > 0;
    const before = index === 0 ? 'maxpool' : `layer${index}`;
    const from = block === 0 ? before : `${prefix}.${block - 1}`;
    const place = { prefix: `${prefix}.${block}`, name: block === blocks - 1 ? prefix : `${prefix}.${block}`, from };
    return basicBlock(place, first ? outputs / 2 : outputs, outputs, first ? 2 : 1);
  }).flat();
}

/** What a block reads, what its parameters' names begin with, and what its result is called. */
interface Place {
  readonly from: string;
  readonly prefix: string;
  readonly name: string;
}

function basicBlock({ from, prefix, name }: Place, inputs: number, outputs: number, stride: number): Node[] {
  const at = (part: string) => `${prefix}.${part}`;
  const isIdentity = stride === 1 && inputs === outputs;
  const projection = { name: at('downsample.0'), norm: at('downsample.1'), from };
  const second = { name: at('conv2'), norm: at('bn2'), from: at('relu') };
  return [
    ...convolution({ name: at('conv1'), norm: at('bn1'), from }, inputs, outputs, { size: 3, stride, padding: 1 }),
    { name: at('relu'), inputs: [at('bn1')], layer: { kind: 'relu' } },
    ...convolution(second, outputs, outputs, { size: 3, stride: 1, padding: 1 }),
    ...(isIdentity ? [] : convolution(projection, inputs, outputs, { size: 1, stride, padding: 0 })),
    { name: at('add'), inputs: [second.norm, isIdentity ? from : projection.norm], layer: { kind: 'add' } },
    { name, inputs: [at('add')], layer: { kind: 'relu' } },
  ];
}

interface SquareWindow {
  readonly size: number;
  readonly stride: number;
  readonly padding: number;
}

/** A convolution and its BatchNorm. */
function convolution(
  { name, norm, from }: { readonly name: string; readonly norm: string; readonly from: string },
  inputs: number,
  outputs: number,
  window: SquareWindow,
): Node[] {
  const channels = { inputs, outputs, groups: 1, dilation: [1, 1] as const };
  return [
    {
      name,
      inputs: [from],
      layer: { kind: 'convolution', weight: `${name}.weight`, bias: null, ...channels, ...windowOf(window) },
    },
    {
      name: norm,
      inputs: [name],
      layer: {
        kind: 'batch-norm',
        channels: outputs,
        scale: `${norm}.weight`,
        shift: `${norm}.bias`,
        mean: `${norm}.running_mean`,
        variance: `${norm}.running_var`,
        count: `${norm}.num_batches_tracked`,
        epsilon: 1e-5,
        momentum: 0.1,
      },
    },
  ];
}

function windowOf({ size, stride, padding }: SquareWindow) {
  return {
    kernel: [size, size] as const,
    stride: [stride, stride] as const,
    padding: [padding, padding, padding, padding] as const,
  };
}
