import type { Weights } from '@espalier/core';
import { valuesOf } from '../fusing/evaluated.ts';
import type { Shape } from '../graph/network.ts';
import type { ConstantLayer } from '../layers/constants/constant.ts';
import type { DenseLayer } from '../layers/products/dense.ts';
import type { ConvolutionLayer } from '../layers/windows/convolution-layer.ts';
import type { Constants } from './constant-channels.ts';

/** What a layer reads of channels that go, and what of its outputs stays. */
export interface GoneInputs {
  readonly constants: Constants;
  readonly dropped: readonly boolean[];
  readonly outputs: readonly number[];
}

/**
 * What channels that go gave to a convolution or dense layer: the same for every image, though near the border a convolution sees fewer of
 * them. Null where it is 0.
 *
 * @param input shape of the layer's input
 * @param output shape of its output, before compacting
 */
export function constantPart(
  layer: ConvolutionLayer | DenseLayer,
  weights: Weights,
  gone: GoneInputs,
  input: Shape,
  output: Shape,
): ConstantLayer | null {
  const channels = gone.dropped.flatMap((goes, c) =>
    goes && Number.isFinite(gone.constants[c]) && gone.constants[c] !== 0 ? [c] : [],
  );
  if (channels.length === 0) return null;
  const kernel = valuesOf(weights, layer.weight);
  if (layer.kind === 'dense') {
    const at = (o: number, c: number) => (layer.axes === 'o i' ? o * layer.inputs + c : c * layer.outputs + o);
    const values = gone.outputs.map((o) =>
      channels.reduce((sum, c) => sum + kernel[at(o, c)]! * gone.constants[c]!, 0),
    );
    if (values.every((value) => value === 0)) return null;
    return constant([...output.slice(0, -1).map(() => 1), values.length], values);
  }
  const sums = sumsAtPlaces(layer, kernel, gone, channels);
  if (sums.flat().every((sum) => sum === 0)) return null;
  return constant(
    [output[0]!, output[1]!, gone.outputs.length],
    mapOf(layer, sums, gone.outputs.length, input, output),
  );
}

/** For each place of the kernel and each output: the sum over channels of kernel times constant. */
function sumsAtPlaces(
  { inputs, outputs: all, groups, kernel: [height, width] }: ConvolutionLayer,
  kernel: Float32Array,
  { constants, outputs }: GoneInputs,
  channels: readonly number[],
): readonly (readonly number[])[] {
  const perGroup = inputs / groups;
  return Array.from({ length: height * width }, (_, place) =>
    outputs.map((o) =>
      channels
        .filter((c) => Math.floor(c / perGroup) === Math.floor((o * groups) / all))
        .reduce((sum, c) => sum + kernel[(o * perGroup + (c % perGroup)) * height * width + place]! * constants[c]!, 0),
    ),
  );
}

/** The convolution of a map of constants, zeros around it. */
function mapOf(
  { kernel, stride, padding, dilation }: ConvolutionLayer,
  sums: readonly (readonly number[])[],
  outputs: number,
  input: Shape,
  output: Shape,
): number[] {
  const values: number[] = [];
  for (let y = 0; y < output[0]!; y++) {
    for (let x = 0; x < output[1]!; x++) {
      const seen = sums.filter((_, place) => {
        const row = y * stride[0] - padding[0] + dilation[0] * Math.floor(place / kernel[1]);
        const column = x * stride[1] - padding[2] + dilation[1] * (place % kernel[1]);
        return row >= 0 && row < input[0]! && column >= 0 && column < input[1]!;
      });
      for (let o = 0; o < outputs; o++) values.push(seen.reduce((sum, each) => sum + each[o]!, 0));
    }
  }
  return values;
}

function constant(shape: readonly number[], values: readonly number[]): ConstantLayer {
  return { kind: 'constant', shape, values: Float32Array.from(values) };
}
