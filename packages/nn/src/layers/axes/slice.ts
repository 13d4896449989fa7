import type { LayerKind } from '../kind.ts';
import { aroundAxis, misfit, onlyInput } from '../shapes.ts';

/** Part of one axis, from `start` up to `end` without it; a split is several of these. */
export interface SliceLayer {
  readonly kind: 'slice';
  /** Axis of the value for one image, from 0. */
  readonly axis: number;
  readonly start: number;
  readonly end: number;
}

export const slice: LayerKind<SliceLayer> = {
  shape({ axis, start, end }, inputs) {
    const x = onlyInput('slice', inputs, null);
    if (axis < x.length && 0 <= start && start < end && end <= x[axis]!) return x.with(axis, end - start);
    throw misfit('slice', `an axis ${axis} with the places ${start} to ${end - 1}`, inputs);
  },
  forward({ ops, inputs }, { axis, start, end }) {
    const { shape } = inputs[0]!;
    return ops.slice(
      inputs[0]!,
      shape.map((_, at) => (at === axis + 1 ? start : 0)),
      shape.with(axis + 1, end - start),
    );
  },
  backward({ ops, inputs, dy }, { axis, start, end }) {
    const { shape } = inputs[0]!;
    return [ops.pad(dy, aroundAxis(shape, axis + 1, [start, shape[axis + 1]! - end]))];
  },
};
