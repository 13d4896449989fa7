import type { FloatBuffer, Heap } from '../heap.ts';
import { addBox, copyBox, transposeInto } from '../layout.ts';
import { correlate } from './convolution.ts';
import { coveredLength, type Geometry } from './geometry.ts';

/** Values of one part of the work, so that it stays in the cache. */
const valuesAtOnce = 2 ** 18;

/** Whether the inputs are too few to fill XNNPACK's eight columns, as the three colours of an image are. */
export function isNarrow({ inputs, rows, columns }: Geometry): boolean {
  return inputs < 8 && rows.taps * columns.taps > 1;
}

/**
 * The gradient of a convolution with respect to an input of few channels: one matrix product takes each dy to all the
 * inputs that its taps met, and these runs are added up where they belong.
 */
export function narrowInputGradient(heap: Heap, dy: FloatBuffer, kernel: FloatBuffer, geometry: Geometry): FloatBuffer {
  const { images, rows, columns, inputs, outputs } = geometry;
  const run = runLength(geometry);
  const places = rows.output * columns.output;
  const width = coveredLength(columns) * inputs;
  const height = coveredLength(rows);
  const depth = Math.max(1, Math.floor(valuesAtOnce / (places * rows.taps * run)));
  using padded = heap.zeros(images * height * width + run);
  using runs = heap.allocate(depth * places * rows.taps * run);
  for (let image = 0; image < images; image += depth) {
    const count = Math.min(depth, images - image);
    using part = heap.part(dy, image * places * outputs, count * places * outputs);
    correlate(heap, {
      x: part,
      images: count,
      channels: outputs,
      kernel: runKernel(heap, kernel, geometry),
      filters: rows.taps * run,
      rows: { input: rows.output, taps: 1, stride: 1, before: 0, after: 0 },
      columns: { input: columns.output, taps: 1, stride: 1, before: 0, after: 0 },
      y: runs,
    });
    const step = rows.taps * run;
    for (let u = 0; u < rows.taps; u++) {
      addBox(heap, {
        images: count,
        height: rows.output,
        width: columns.output,
        run,
        source: { buffer: runs, start: u * run, image: places * step, row: columns.output * step, step },
        target: {
          buffer: padded,
          start: (image * height + u) * width,
          image: height * width,
          row: rows.stride * width,
          step: columns.stride * inputs,
        },
      });
    }
  }
  return unpadded(heap, padded, geometry);
}

/** Values in a row of taps, padded to groups of four. */
function runLength({ columns, inputs }: Geometry): number {
  return Math.ceil((columns.taps * inputs) / 4) * 4;
}

/** `[outputs, row of taps, run]`, zero where the runs are padded. */
function runKernel(heap: Heap, kernel: FloatBuffer, geometry: Geometry): FloatBuffer {
  const { rows, columns, inputs, outputs, kernelWidth } = geometry;
  return kernel.derive(`runs ${rows.skipped} ${rows.taps} ${columns.skipped} ${columns.taps}`, () => {
    const run = runLength(geometry);
    const pitch = rows.taps * run;
    const runs = heap.zeros(outputs * pitch);
    for (let u = 0; u < rows.taps; u++) {
      const start = ((rows.skipped + u) * kernelWidth + columns.skipped) * inputs * outputs;
      const source = { buffer: kernel, start, pitch: outputs };
      const target = { buffer: runs, start: u * run, pitch };
      transposeInto(heap, { rows: columns.taps * inputs, columns: outputs }, source, target);
    }
    return runs;
  });
}

function unpadded(heap: Heap, padded: FloatBuffer, { images, rows, columns, inputs }: Geometry): FloatBuffer {
  const [height, width] = [coveredLength(rows), coveredLength(columns)];
  const dx = heap.zeros(images * rows.input * columns.input * inputs);
  copyBox(heap, {
    images,
    height: Math.min(rows.input, height - rows.padding),
    width: 1,
    run: Math.min(columns.input, width - columns.padding) * inputs,
    source: {
      buffer: padded,
      start: (rows.padding * width + columns.padding) * inputs,
      image: height * width * inputs,
      row: width * inputs,
      step: 0,
    },
    target: {
      buffer: dx,
      start: 0,
      image: rows.input * columns.input * inputs,
      row: columns.input * inputs,
      step: 0,
    },
  });
  return dx;
}
