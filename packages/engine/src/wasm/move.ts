import type { FloatBuffer, Heap } from './heap.ts';
import { copyBox, transposeInto } from './layout.ts';
import { eachBox, eachIndex, mergedAxes, type StridedAxis } from './strides.ts';

/** Where values lie in a buffer: the first of them, and the step along each axis, in values. */
export interface Layout {
  readonly buffer: FloatBuffer;
  readonly start: number;
  readonly steps: readonly number[];
}

/** Copies the values of an array of `shape` from one layout to another. */
export function move(heap: Heap, shape: readonly number[], source: Layout, target: Layout): void {
  const axes = mergedAxes(shape.map((length, i) => ({ length, steps: [source.steps[i]!, target.steps[i]!] })));
  if (!axes) return;
  const last = axes.at(-1) ?? { length: 1, steps: [1, 1] };
  const [fromStep, toStep] = last.steps;
  if (fromStep === 1 && toStep === 1) {
    moveRuns(heap, axes.slice(0, -1), last.length, source, target);
    return;
  }
  const across = axes.findLastIndex(({ steps }) => steps[0] === 1);
  if (toStep === 1 && across >= 0) moveMatrices(heap, axes, across, source, target);
  else moveRuns(heap, axes, 1, source, target);
}

function moveRuns(heap: Heap, axes: readonly StridedAxis[], run: number, source: Layout, target: Layout): void {
  eachBox(axes, [source.start, target.start], ([images, rows, places], [from, to]) => {
    const layout = ({ buffer }: Layout, start: number, array: 0 | 1) => ({
      buffer,
      start,
      image: images.steps[array]!,
      row: rows.steps[array]!,
      step: places.steps[array]!,
    });
    copyBox(heap, {
      images: images.length,
      height: rows.length,
      width: places.length,
      run,
      source: layout(source, from!, 0),
      target: layout(target, to!, 1),
    });
  });
}

/** Two axes are exchanged: `across`, along which the source is dense, and the last, along which the target is. */
function moveMatrices(heap: Heap, axes: readonly StridedAxis[], across: number, source: Layout, target: Layout): void {
  const [rows, columns] = [axes.at(-1)!, axes[across]!];
  const outer = axes.filter((axis) => axis !== rows && axis !== columns);
  eachIndex(outer, [source.start, target.start], ([from, to]) => {
    transposeInto(
      heap,
      { rows: rows.length, columns: columns.length },
      { buffer: source.buffer, start: from!, pitch: rows.steps[0]! },
      { buffer: target.buffer, start: to!, pitch: columns.steps[1]! },
    );
  });
}
