import type { ChannelGroups } from '../../networks/channel-groups.ts';
import type { Masks } from '../../networks/model.ts';
import type { ToyState } from './toy-state.ts';

/** The toy model's features: outputs of its convolution, inputs of its dense layer. */
export function toyChannelGroups(features: number): ChannelGroups {
  const channels = Array.from({ length: features }, (_, index) => [
    { parameter: 'conv.weight', axis: 0, indices: [index], side: 'output' as const },
    { parameter: 'conv.bias', axis: 0, indices: [index], side: 'output' as const },
    { parameter: 'fc.weight', axis: 1, indices: [index], side: 'input' as const },
  ]);
  return {
    groups: features > 1 ? [{ name: 'conv.weight', channels }] : [],
    kept: [
      ...(features > 1 ? [] : [{ kernel: 'conv.weight', reason: 'they are all that "features" has' }]),
      { kernel: 'fc.weight', reason: 'they are the classes' },
    ],
  };
}

/** The state without the features that nothing reads. */
export function smaller(state: ToyState): ToyState {
  const { features, classes } = state.sizes;
  const read = featuresRead(state.masks, features, classes);
  const rows = <Values extends Float32Array | Uint8Array>(values: Values, size: number) =>
    values.filter((_, i) => read.includes(Math.floor(i / size))) as Values; // of the same kind
  const columns = <Values extends Float32Array | Uint8Array>(values: Values) =>
    values.filter((_, i) => read.includes(i % features)) as Values; // of the same kind
  const masks = [...state.masks].map(([name, mask]) => {
    if (name === 'fc.weight') return [name, columns(mask)] as const;
    return [name, rows(mask, name === 'conv.weight' ? 12 : 1)] as const;
  });
  return {
    sizes: { ...state.sizes, features: read.length },
    kernel: rows(state.kernel, 12),
    bias: rows(state.bias, 1),
    dense: columns(state.dense),
    masks: new Map(masks),
  };
}

/** The features that the dense layer reads with `masks`; one at least. */
function featuresRead(masks: Masks, features: number, classes: number): readonly number[] {
  const mask = masks.get('fc.weight');
  const all = Array.from({ length: features }, (_, d) => d);
  if (!mask) return all;
  const read = all.filter((d) => Array.from({ length: classes }, (_, k) => mask[k * features + d]).includes(1));
  return read.length > 0 ? read : [0];
}
