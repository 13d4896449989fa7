import type { Network } from '@espalier/nn';
import { GraphBuilder, type MadeFor, type Value } from '@espalier/nn/architectures';

/** The groups of blocks: how much a block widens its channels, channels of its result, blocks, stride of the first. */
const groups = [
  { expansion: 1, outputs: 16, blocks: 1, stride: 1 },
  { expansion: 6, outputs: 24, blocks: 2, stride: 2 },
  { expansion: 6, outputs: 32, blocks: 3, stride: 2 },
  { expansion: 6, outputs: 64, blocks: 4, stride: 2 },
  { expansion: 6, outputs: 96, blocks: 3, stride: 1 },
  { expansion: 6, outputs: 160, blocks: 3, stride: 2 },
  { expansion: 6, outputs: 320, blocks: 1, stride: 1 },
] as const;

/** ReLU6. */
const clip = { kind: 'clip', least: 0, most: 6 } as const;

/**
 * MobileNetV2 with torchvision's names: Sandler et al. (2018), "MobileNetV2: inverted residuals and linear bottlenecks", table 2.
 *
 * @param widthMultiplier of all channel counts, which are rounded to multiples of 8; the last convolution has 1,280 at least
 */
export function mobilenetV2Network(widthMultiplier: number, { classes }: Pick<MadeFor, 'classes'>): Network {
  const graph = new GraphBuilder();
  const stages = ['features.0'];
  let x = unit(graph, 'features.0', 'features.0', graph.images, channels(32 * widthMultiplier), {
    kernel: 3,
    stride: 2,
  });
  let at = 1;
  for (const { expansion, outputs, blocks, stride } of groups) {
    for (let i = 0; i < blocks; i++) {
      const block = { expansion, outputs: channels(outputs * widthMultiplier), stride: i === 0 ? stride : 1 };
      x = invertedResidual(graph, `features.${at++}`, x, block);
    }
    stages.push(x.name);
  }
  const last = `features.${at}`;
  x = unit(graph, last, last, x, channels(1280 * Math.max(1, widthMultiplier)), { kernel: 1 });
  const logits = graph.dense('classifier.1', graph.globalMean('avgpool', x), classes);
  return graph.network('mobilenet-v2', logits, [...stages, last]);
}

/** A wide convolution of each channel by itself between two that mix channels, the last without a function after it. */
function invertedResidual(
  graph: GraphBuilder,
  name: string,
  x: Value,
  { expansion, outputs, stride }: { readonly expansion: number; readonly outputs: number; readonly stride: number },
): Value {
  const hidden = x.features * expansion;
  let at = 0;
  const next = () => `${name}.conv.${at++}`;
  let inner = x;
  if (expansion > 1) inner = expanded(graph, next(), inner, hidden, { kernel: 1 });
  inner = expanded(graph, next(), inner, hidden, { kernel: 3, stride, groups: hidden });
  inner = graph.convolution(next(), inner, outputs, { kernel: 1 });
  const isResidual = stride === 1 && x.features === outputs;
  // The value of the block has the block's name, whatever computes it.
  const norm = next();
  inner = graph.batchNorm(isResidual ? norm : name, inner, norm);
  return isResidual ? graph.sum(name, x, inner) : inner;
}

interface UnitSettings {
  readonly kernel: number;
  readonly stride?: number;
  readonly groups?: number;
}

function expanded(graph: GraphBuilder, name: string, x: Value, outputs: number, settings: UnitSettings): Value {
  return unit(graph, name, `${name}.2`, x, outputs, settings);
}

/** A convolution, BatchNorm and ReLU6; `last` is what the result is called. */
function unit(
  graph: GraphBuilder,
  name: string,
  last: string,
  x: Value,
  outputs: number,
  settings: UnitSettings,
): Value {
  const sum = graph.convolution(`${name}.0`, x, outputs, { ...settings, padding: (settings.kernel - 1) / 2 });
  return graph.activation(last, graph.batchNorm(`${name}.1`, sum), clip);
}

/** The closest multiple of 8, at least 8, and not below 90 % of `wanted`. */
function channels(wanted: number): number {
  const rounded = Math.max(8, Math.floor((wanted + 4) / 8) * 8);
  return rounded < 0.9 * wanted ? rounded + 8 : rounded;
}
