import { assemble, instantiate, memoryOf } from '@espalier/simd';
import { type HoleKernels, holeKernels } from './hole-kernels.ts';
import { holeLayout } from './hole-layout.ts';

/** The arrays that the solver itself reads and writes ({@link HoleLayout} says what they hold), and the kernels. */
export interface HoleMemory {
  readonly coefficients: Float32Array;
  readonly values: Float64Array;
  readonly runs: Int32Array;
  readonly steps: Float32Array;
  readonly turns: Float32Array;
  readonly energies: Float64Array;
  readonly curvatures: Float64Array;
  readonly norms: Float64Array;
  readonly kernels: HoleKernels;
  /** Makes everything zero. */
  clear(): void;
}

/** Memory for a system of `entries` entries in rows of `stride`. */
export function holeMemory(entries: number, stride: number): HoleMemory {
  const layout = holeLayout(entries, stride);
  const memory = memoryOf(layout.norms + 32);
  const { buffer } = memory;
  const floats = (address: number, count: number) => new Float32Array(buffer, address, count);
  const doubles = (address: number) => new Float64Array(buffer, address, 4);
  return {
    coefficients: floats(layout.coefficients, 4 * entries),
    values: new Float64Array(buffer, layout.values, 4 * entries),
    runs: new Int32Array(buffer, layout.runs, (layout.steps - layout.runs) / 4),
    steps: floats(layout.steps, 4),
    turns: floats(layout.turns, 4),
    energies: doubles(layout.energies),
    curvatures: doubles(layout.curvatures),
    norms: doubles(layout.norms),
    kernels: instantiate(assemble(holeKernels(layout)), memory) as HoleKernels, // exported under these names
    clear: () => new Uint8Array(buffer).fill(0),
  };
}
