/**
 * Where each array starts in the solver's WebAssembly memory, in bytes. Arrays have four numbers per entry of the system,
 * which are three channels and a zero: float32, but for `values`.
 */
export interface HoleLayout {
  /** Bytes from an entry to the one below it, in float32 arrays. */
  readonly row: number;
  /** D, 1/D, D_A and 2D - D_A. */
  readonly coefficients: number;
  /** The image: known everywhere but at holes. Float64. */
  readonly values: number;
  /** What the steps since the last residual add to `values`. */
  readonly change: number;
  /** E^-1 (b - A values). */
  readonly residual: number;
  /** F times the search direction. */
  readonly scaled: number;
  /** The search direction. */
  readonly direction: number;
  /** E^-1 (scaled - (2D - D_A) direction). With `direction` added, it is E^-1 A F^-1 scaled. */
  readonly product: number;
  /** For each run of holes: 16 times its first entry, and how many holes it has; int32. */
  readonly runs: number;
  /** Length of the last step along `direction`. From here on, one number per lane: float32, then float64. */
  readonly steps: number;
  /** Share of the last direction in the next. */
  readonly turns: number;
  /** Energy r' M^-1 r of the residual r. */
  readonly energies: number;
  /** p' A p of the direction p. */
  readonly curvatures: number;
  /** v' D v of v = E^-1 A p. */
  readonly norms: number;
}

/** The layout for a system of `entries` entries in rows of `stride`. */
export function holeLayout(entries: number, stride: number): HoleLayout {
  const array = 16 * entries;
  const runs = 8 * array;
  const steps = runs + 16 * Math.ceil(entries / 4); // at most every second entry starts a run of 8 bytes
  return {
    row: 16 * stride,
    coefficients: 0,
    values: array,
    change: 3 * array,
    residual: 4 * array,
    scaled: 5 * array,
    direction: 6 * array,
    product: 7 * array,
    runs,
    steps,
    turns: steps + 16,
    energies: steps + 32,
    curvatures: steps + 64,
    norms: steps + 96,
  };
}
