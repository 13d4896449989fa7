import type { FloatBuffer, Heap } from '../heap.ts';
import { copyBox } from '../layout.ts';
import { addTransposedProduct } from '../product.ts';
import { coveredLength, type Geometry, overlap } from './geometry.ts';

/** Places of dy taken at once: few enough to stay in the cache, enough to make up for adding the sums. */
function placesAtOnce({ inputs, outputs }: Geometry): number {
  return Math.min(1024, Math.max(128, Math.floor(32_768 / (inputs + outputs))));
}

/**
 * The gradient of a convolution with respect to its kernel: for each tap, the inputs that it met, transposed, times
 * dy. The product walks the input where it lies; nothing is unrolled, and padding is skipped.
 *
 * Sums run over at most 1024 places before they are added up, which keeps float32 accurate in large batches.
 */
export function convolutionKernelGradient(
  heap: Heap,
  dy: FloatBuffer,
  x: FloatBuffer,
  geometry: Geometry,
): FloatBuffer {
  const { kernelHeight, kernelWidth, inputs, outputs } = geometry;
  const gradient = heap.zeros(kernelHeight * kernelWidth * inputs * outputs);
  if (inputs % 4 === 0) addByTap(heap, { dy, x, geometry, gradient });
  else addByRow(heap, { dy, x, geometry, gradient });
  return gradient;
}

interface Operands {
  readonly dy: FloatBuffer;
  readonly x: FloatBuffer;
  readonly geometry: Geometry;
  readonly gradient: FloatBuffer;
}

function addByTap(heap: Heap, { dy, x, geometry, gradient }: Operands): void {
  const { rows, columns, inputs, outputs, kernelWidth } = geometry;
  const [xRow, dyRow] = [columns.input * inputs, columns.output * outputs];
  for (const part of partsOf(geometry)) {
    for (let u = 0; u < rows.taps; u++) {
      const vertical = overlap(rows, u, part.top, part.bottom);
      for (let v = 0; v < columns.taps; v++) {
        const horizontal = overlap(columns, v, 0, columns.output);
        if (vertical.count * horizontal.count === 0) continue;
        const tap = (rows.skipped + u) * kernelWidth + columns.skipped + v;
        addTransposedProduct(heap, {
          images: part.images,
          height: vertical.count,
          width: horizontal.count,
          a: {
            buffer: x,
            start: (part.image * rows.input + vertical.input) * xRow + horizontal.input * inputs,
            image: rows.input * xRow,
            row: rows.stride * xRow,
            step: columns.stride * inputs,
          },
          b: {
            buffer: dy,
            start: (part.image * rows.output + vertical.output) * dyRow + horizontal.output * outputs,
            image: rows.output * dyRow,
            row: dyRow,
            step: outputs,
          },
          rows: inputs,
          columns: outputs,
          c: { buffer: gradient, start: tap * inputs * outputs },
        });
      }
    }
  }
}

/** For few channels: a row of taps over a padded input is one run of values, so a tile still has four rows. */
function addByRow(heap: Heap, { dy, x, geometry, gradient }: Operands): void {
  const { rows, columns, inputs, outputs, kernelWidth } = geometry;
  const [height, width] = [coveredLength(rows), coveredLength(columns)];
  using padded = pad(heap, x, geometry);
  const xRow = width * inputs;
  const dyRow = columns.output * outputs;
  for (const part of partsOf(geometry)) {
    for (let u = 0; u < rows.taps; u++) {
      addTransposedProduct(heap, {
        images: part.images,
        height: part.bottom - part.top,
        width: columns.output,
        a: {
          buffer: padded,
          start: (part.image * height + part.top * rows.stride + u) * xRow,
          image: height * xRow,
          row: rows.stride * xRow,
          step: columns.stride * inputs,
        },
        b: {
          buffer: dy,
          start: (part.image * rows.output + part.top) * dyRow,
          image: rows.output * dyRow,
          row: dyRow,
          step: outputs,
        },
        rows: columns.taps * inputs,
        columns: outputs,
        c: { buffer: gradient, start: ((rows.skipped + u) * kernelWidth + columns.skipped) * inputs * outputs },
      });
    }
  }
}

/** Images, and rows of dy in them, that make up at most `placesAtOnce` places (or one row). */
interface Part {
  readonly image: number;
  readonly images: number;
  readonly top: number;
  readonly bottom: number;
}

function* partsOf(geometry: Geometry): Generator<Part> {
  const { images, rows, columns } = geometry;
  const places = placesAtOnce(geometry);
  const height = Math.min(rows.output, Math.max(1, Math.floor(places / columns.output)));
  const depth = height < rows.output ? 1 : Math.max(1, Math.floor(places / (rows.output * columns.output)));
  for (let image = 0; image < images; image += depth) {
    for (let top = 0; top < rows.output; top += height) {
      const bottom = Math.min(rows.output, top + height);
      yield { image, images: Math.min(depth, images - image), top, bottom };
    }
  }
}

/** The inputs that the taps meet, with zeros around: `[images, coveredLength, coveredLength, inputs]`. */
function pad(heap: Heap, x: FloatBuffer, { images, rows, columns, inputs }: Geometry): FloatBuffer {
  const [height, width] = [coveredLength(rows), coveredLength(columns)];
  const padded = heap.zeros(images * height * width * inputs);
  copyBox(heap, {
    images,
    height: Math.min(rows.input, height - rows.padding),
    width: 1,
    run: Math.min(columns.input, width - columns.padding) * inputs,
    source: { buffer: x, start: 0, image: rows.input * columns.input * inputs, row: columns.input * inputs, step: 0 },
    target: {
      buffer: padded,
      start: (rows.padding * width + columns.padding) * inputs,
      image: height * width * inputs,
      row: width * inputs,
      step: 0,
    },
  });
  return padded;
}
