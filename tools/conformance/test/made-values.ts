import { type NdArray, ndArray, type ParameterInfo, sizeOf, type Weights } from '@espalier/core';

/** Numbers in [0, 1) with 24 bits, a hash of their index: those of tools/reference/networks.py. */
export function uniform(seed: number, count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => {
    let x = (Math.imul(i + 1, 0x9e3779b1) + Math.imul(seed + 1, 0x85ebca6b)) >>> 0;
    x ^= x >>> 16;
    x = Math.imul(x, 0x7feb352d);
    x ^= x >>> 15;
    x = Math.imul(x, 0x846ca68b);
    x = (x ^ (x >>> 16)) >>> 0;
    return (x >>> 8) / 2 ** 24;
  });
}

/** Images of made-up pixels. */
export function madeImages(seed: number, count: number, height: number, width: number): NdArray<'n h w c'> {
  return ndArray('n h w c', [count, height, width, 3], uniform(seed, count * height * width * 3));
}

/** The weights that networks.py gives a network: `parameters` are in the order of its state_dict. */
export function madeWeights(parameters: readonly ParameterInfo[]): Weights {
  return new Map(
    parameters.map((parameter, seed): [string, NdArray] => {
      const { name, shape } = parameter;
      const values = uniform(seed, sizeOf(shape)).map(shaped(parameter));
      return [name, ndArray(['', 'o', 'o i', 'o i w', 'o i h w'][shape.length]!, shape, values)];
    }),
  );
}

/** From [0, 1) to the range of a parameter. */
function shaped({ name, shape }: ParameterInfo): (u: number) => number {
  const around = (width: number) => (u: number) => Math.fround(width) * (2 * u - 1);
  if (name.endsWith('num_batches_tracked')) return () => 0;
  if (name.endsWith('running_var')) return (u) => 0.5 + u;
  if (shape.length === 1 && name.endsWith('weight')) return (u) => 0.75 + 0.5 * u;
  if (shape.length < 2) return around(0.125);
  return around(name.endsWith('weight') ? Math.sqrt(4 / sizeOf(shape.slice(1))) : 0.5);
}

/** Up to 16 values, evenly apart. */
export function sampled(values: Float32Array): readonly number[] {
  const count = Math.min(16, values.length);
  return Array.from({ length: count }, (_, i) => values[Math.floor((i * values.length) / count)]!);
}
