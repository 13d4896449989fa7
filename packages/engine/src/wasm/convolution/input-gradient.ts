import type { FloatBuffer, Heap } from '../heap.ts';
import { copyBox, transposeInto } from '../layout.ts';
import { correlate, type PaddedAxis } from './convolution.ts';
import type { Axis, Geometry } from './geometry.ts';
import { isNarrow, narrowInputGradient } from './narrow-input-gradient.ts';

/**
 * The gradient of a convolution with respect to its input.
 *
 * The inputs that lie `stride` apart meet the same taps, so each of the stride x stride phases is a dense correlation
 * of dy with some of the taps, reversed and transposed: no multiplication by the zeros of a dilated dy.
 */
export function convolutionInputGradient(
  heap: Heap,
  dy: FloatBuffer,
  kernel: FloatBuffer,
  geometry: Geometry,
): FloatBuffer {
  const { images, inputs } = geometry;
  if (isNarrow(geometry)) return narrowInputGradient(heap, dy, kernel, geometry);
  const size = images * geometry.rows.input * geometry.columns.input * inputs;
  const rowPhases = phasesOf(geometry.rows);
  const columnPhases = phasesOf(geometry.columns);
  const isWhole = [...rowPhases, ...columnPhases].every(({ isAll }) => isAll);
  const dx = isWhole ? heap.allocate(size) : heap.zeros(size);
  for (const rows of rowPhases) {
    for (const columns of columnPhases) {
      if (rows.taps * columns.taps === 0 || rows.count * columns.count === 0) continue;
      const reversed = phaseKernel(heap, kernel, geometry, rows, columns);
      const call = { x: dy, images, channels: geometry.outputs, kernel: reversed, filters: inputs, rows, columns };
      if (isWhole) correlate(heap, { ...call, y: dx });
      else scatterPhase(heap, call, geometry, dx);
    }
  }
  return dx;
}

/** The inputs `first`, `first + stride`, ... of one dimension, as a correlation of dy. */
interface Phase extends PaddedAxis {
  /** Index of the first tap that meets these inputs, after the skipped ones. */
  readonly tap: number;
  readonly first: number;
  /** Inputs of the phase. */
  readonly count: number;
  /** Leading results of the correlation that lie before `first`. */
  readonly surplus: number;
  /** The correlation yields all inputs of the dimension and nothing else. */
  readonly isAll: boolean;
}

function phasesOf(axis: Axis): readonly Phase[] {
  return Array.from({ length: axis.stride }, (_, tap) => phaseOf(axis, tap));
}

/** x[m stride + tap - padding] meets the taps tap + t stride from the outputs m - t. */
function phaseOf({ input, output, stride, taps: allTaps, padding }: Axis, tap: number): Phase {
  const taps = Math.max(0, Math.ceil((allTaps - tap) / stride));
  const low = Math.ceil((padding - tap) / stride);
  const high = Math.floor((input - 1 + padding - tap) / stride);
  const count = Math.max(0, high - low + 1);
  const before = Math.max(0, taps - 1 - low);
  const surplus = Math.max(0, low - taps + 1);
  const after = Math.max(0, surplus + count - (output + before - taps + 1));
  const results = output + before + after - taps + 1;
  return {
    tap,
    taps,
    count,
    before,
    after,
    surplus,
    first: low * stride + tap - padding,
    input: output,
    stride: 1,
    isAll: stride === 1 && results === input && surplus === 0,
  };
}

function phaseKernel(heap: Heap, kernel: FloatBuffer, geometry: Geometry, rows: Phase, columns: Phase): FloatBuffer {
  const { inputs, outputs, kernelWidth } = geometry;
  const [top, left] = [geometry.rows.skipped + rows.tap, geometry.columns.skipped + columns.tap];
  const [down, right] = [geometry.rows.stride, geometry.columns.stride];
  const name = `phase ${top} ${down} ${rows.taps} ${left} ${right} ${columns.taps}`;
  return kernel.derive(name, () => {
    const size = inputs * outputs;
    const reversed = heap.allocate(rows.taps * columns.taps * size);
    for (let u = 0; u < rows.taps; u++) {
      for (let v = 0; v < columns.taps; v++) {
        const tap = (top + down * (rows.taps - 1 - u)) * kernelWidth + left + right * (columns.taps - 1 - v);
        const source = { buffer: kernel, start: tap * size, pitch: outputs };
        const target = { buffer: reversed, start: (u * columns.taps + v) * size, pitch: inputs };
        transposeInto(heap, { rows: inputs, columns: outputs }, source, target);
      }
    }
    return reversed;
  });
}

type PhaseCall = Omit<Parameters<typeof correlate>[1], 'y' | 'rows' | 'columns'> & {
  readonly rows: Phase;
  readonly columns: Phase;
};

function scatterPhase(heap: Heap, call: PhaseCall, geometry: Geometry, dx: FloatBuffer): void {
  const { images, inputs } = geometry;
  const { rows, columns } = call;
  const height = resultsOf(rows);
  const width = resultsOf(columns);
  using y = heap.allocate(images * height * width * inputs);
  correlate(heap, { ...call, y });
  const dxRow = geometry.columns.input * inputs;
  copyBox(heap, {
    images,
    height: rows.count,
    width: columns.count,
    run: inputs,
    source: {
      buffer: y,
      start: (rows.surplus * width + columns.surplus) * inputs,
      image: height * width * inputs,
      row: width * inputs,
      step: inputs,
    },
    target: {
      buffer: dx,
      start: rows.first * dxRow + columns.first * inputs,
      image: geometry.rows.input * dxRow,
      row: geometry.rows.stride * dxRow,
      step: geometry.columns.stride * inputs,
    },
  });
}

function resultsOf({ input, before, after, taps }: PaddedAxis): number {
  return input + before + after - taps + 1;
}
