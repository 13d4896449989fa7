import { groupsOf } from '../batch-norm.ts';
import type { FloatBuffer, Heap } from '../heap.ts';
import { addressOf } from '../layout.ts';
import { move } from '../move.ts';
import type { DepthwiseGeometry } from './depthwise-geometry.ts';
import { type Geometry, overlap } from './geometry.ts';

/** y += x times the tap that joined them, a row at a time: each value is summed in the order of the taps, whatever the batch. */
export function depthwiseByRows(
  heap: Heap,
  x: FloatBuffer,
  kernel: FloatBuffer,
  geometry: DepthwiseGeometry,
): FloatBuffer {
  const { images, rows, columns, inputs, outputs, each } = geometry;
  const { groups, lanes } = groupsOf(inputs);
  const addProducts = heap.kernels[`addProducts${lanes}`];
  const places = images * rows.output * columns.output;
  const y = heap.allocate(places * outputs);
  for (let j = 0; j < each; j++) {
    using taps = oneOfEach(heap, kernel, geometry, j);
    using part = each === 1 ? y.share() : heap.allocate(places * inputs);
    part.values.fill(0);
    eachMeeting(geometry, ({ tap, output, input, count }) => {
      addProducts(
        ...[addressOf(x, input), addressOf(taps, tap), addressOf(part, output), 1, 1, count],
        ...[0, 0, 4 * columns.stride * inputs, 0, 0, 0, 0, 0, 4 * inputs, groups],
      );
    });
    if (each === 1) continue;
    const target = { buffer: y, start: j, steps: [outputs, each] };
    move(heap, [places, inputs], { buffer: part, start: 0, steps: [inputs, 1] }, target);
  }
  return y;
}

/** Of `[places, c, each]` the j-th of each: `[places, c]`. Its owner releases it. */
export function oneOfEach(
  heap: Heap,
  values: FloatBuffer,
  { inputs, each }: DepthwiseGeometry,
  j: number,
): FloatBuffer {
  if (each === 1) return values.share();
  const places = values.count / (inputs * each);
  const part = heap.allocate(places * inputs);
  const source = { buffer: values, start: j, steps: [inputs * each, each] };
  move(heap, [places, inputs], source, { buffer: part, start: 0, steps: [inputs, 1] });
  return part;
}

/** A row of outputs under one tap: where the tap, the first output and the first input lie, and how many outputs meet the input. */
export interface Meeting {
  readonly tap: number;
  readonly output: number;
  readonly input: number;
  readonly count: number;
}

export function eachMeeting(
  { images, rows, columns, inputs, kernelWidth }: Geometry,
  visit: (row: Meeting) => void,
): void {
  for (let place = 0; place < images * rows.output; place++) {
    const [image, row] = [Math.floor(place / rows.output), place % rows.output];
    for (let u = 0; u < rows.taps; u++) {
      const vertical = overlap(rows, u, row, row + 1);
      for (let v = 0; v < columns.taps && vertical.count > 0; v++) {
        const horizontal = overlap(columns, v, 0, columns.output);
        if (horizontal.count === 0) continue;
        visit({
          tap: ((rows.skipped + u) * kernelWidth + columns.skipped + v) * inputs,
          output: (place * columns.output + horizontal.output) * inputs,
          input: ((image * rows.input + vertical.input) * columns.input + horizontal.input) * inputs,
          count: horizontal.count,
        });
      }
    }
  }
}
