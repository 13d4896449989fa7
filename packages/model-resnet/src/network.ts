import type { ModelOutline } from '@espalier/core';
import type { ConvolutionLayer, Network, ResidualLayer, Stage } from '@espalier/nn';

/** The names of the layers whose activations can be asked for, and of the kernels. */
export function outlineOf({ stages, classifier }: Network): ModelOutline {
  const kernels = stages.flatMap(({ layer }) => {
    if (layer.kind === 'convolution') return [layer.name];
    if (layer.kind !== 'residual') return [];
    return [...layer.body, ...(layer.shortcut ? [layer.shortcut] : [])].map(({ name }) => name);
  });
  return {
    layers: stages.flatMap(({ output }) => output ?? []),
    kernels: [...kernels, classifier.name].map((name) => `${name}.weight`),
  };
}

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
    stages: [
      { layer: convolution('conv1', 'bn1', 3, width, { size: 7, stride: 2, padding: 3 }), output: 'relu' },
      { layer: { kind: 'max-pool', size: 3, stride: 2, padding: 1 }, output: 'maxpool' },
      ...groups,
    ],
    classifier: { kind: 'classifier', name: 'fc', inputs: width * 8, outputs: classes },
    batchNorm: { epsilon: 1e-5, momentum: 0.1 },
  };
}

function group(index: number, blocks: number, width: number): Stage[] {
  const outputs = width * 2 ** index;
  return Array.from({ length: blocks }, (_, block): Stage => {
    const name = `layer${index + 1}.${block}`;
    const first = block === 0 && index > 0;
    const layer = basicBlock(name, first ? outputs / 2 : outputs, outputs, first ? 2 : 1);
    return block === blocks - 1 ? { layer, output: `layer${index + 1}` } : { layer };
  });
}

function basicBlock(name: string, inputs: number, outputs: number, stride: number): ResidualLayer {
  const projection = { size: 1, stride, padding: 0, relu: false };
  return {
    kind: 'residual',
    body: [
      convolution(`${name}.conv1`, `${name}.bn1`, inputs, outputs, { size: 3, stride, padding: 1 }),
      convolution(`${name}.conv2`, `${name}.bn2`, outputs, outputs, { size: 3, stride: 1, padding: 1, relu: false }),
    ],
    shortcut:
      stride === 1 && inputs === outputs
        ? null
        : convolution(`${name}.downsample.0`, `${name}.downsample.1`, inputs, outputs, projection),
  };
}

function convolution(
  name: string,
  norm: string,
  inputs: number,
  outputs: number,
  window: { size: number; stride: number; padding: number; relu?: boolean },
): ConvolutionLayer {
  return { kind: 'convolution', name, norm, inputs, outputs, relu: true, ...window };
}
