/**
 * The linear system of noisy linear imputation (Rong et al. 2022) on a frame of `height` x `width` pixels.
 *
 * Every removed pixel ("hole") equals the weighted mean of its neighbours inside the frame: 1/6 for the 4 direct, 1/12
 * for the 4 diagonal ones. All weights here are times 12. In letters: A = D_A - W - W' with D_A the `degree` (sum of
 * the weights in the frame) and W the weights to holes that come earlier in row-major order, W' to later ones.
 *
 * Preconditioner: M = (D - W) D^-1 (D - W'), with the `pivots` D chosen so that M and A have equal row sums (modified
 * incomplete Cholesky, Gustafsson 1978). A - M is then a graph Laplacian, so A >= M, and for any residual r
 * r' A^-1 r <= r' M^-1 r: conjugate gradients know a bound on the energy of their error at no cost.
 *
 * Pixel (y, x) is entry (y + 1)(width + 2) + x + 1 of every array; the border of zeros saves the tests at the edges.
 */
export interface HoleSystem {
  readonly height: number;
  readonly width: number;
  /** Entries per row: `width` + 2. */
  readonly stride: number;
  /** 1 at holes. */
  readonly hole: Uint8Array;
  /** Starts and ends (exclusive) of the runs of neighbouring holes, in order; `runCount` numbers of it are in use. */
  readonly runs: Int32Array;
  runCount: number;
  readonly degree: Float64Array;
  readonly pivots: Float64Array;
  /** 1 / pivot at holes, 0 elsewhere. */
  readonly inverse: Float64Array;
  /** Sum of the weights to later holes. */
  readonly later: Float64Array;
  /** City-block steps to the nearest known pixel. */
  readonly distance: Int32Array;
}

/** A system without holes. */
export function holeSystem(height: number, width: number): HoleSystem {
  const stride = width + 2;
  const size = (height + 2) * stride;
  const degree = new Float64Array(size);
  const distance = new Int32Array(size).fill(height + width); // beyond the border nothing is known
  for (let y = 1; y <= height; y++) {
    for (let x = 1; x <= width; x++) {
      const rowsInFrame = Number(y > 1) + Number(y < height);
      const columnsInFrame = Number(x > 1) + Number(x < width);
      degree[y * stride + x] = 2 * (rowsInFrame + columnsInFrame) + rowsInFrame * columnsInFrame;
      distance[y * stride + x] = 0;
    }
  }
  return {
    height,
    width,
    stride,
    hole: new Uint8Array(size),
    runs: new Int32Array(size + 1),
    runCount: 0,
    degree,
    pivots: new Float64Array(size),
    inverse: new Float64Array(size),
    later: new Float64Array(size),
    distance,
  };
}

/** Makes a hole of pixel `index` (row-major). Call {@link factorise} after the last one. */
export function addHole(system: HoleSystem, index: number): void {
  system.hole[entryOf(system, index)] = 1;
}

/** Where pixel `index` (row-major) is in the arrays. */
export function entryOf({ width, stride }: Pick<HoleSystem, 'width' | 'stride'>, index: number): number {
  return (Math.floor(index / width) + 1) * stride + (index % width) + 1;
}

/** Fills the system again from its holes. */
export function factorise(system: HoleSystem): void {
  findRuns(system);
  const { runs, runCount, stride, hole, degree, pivots, inverse, later } = system;
  for (let run = 0; run < runCount; run += 2) {
    for (let i = runs[run]!; i < runs[run + 1]!; i++) {
      const below = i + stride;
      later[i] = 2 * (hole[i + 1]! + hole[below]!) + hole[below - 1]! + hole[below + 1]!;
      const pivot = degree[i]! - 2 * (share(i - 1) + share(i - stride)) - share(i - stride - 1) - share(i - stride + 1);
      pivots[i] = pivot;
      inverse[i] = 1 / pivot;
    }
  }
  function share(i: number): number {
    return later[i]! * inverse[i]!;
  }
}

/**
 * The largest effective resistance between a hole and the known pixels, bounded from above.
 *
 * The shortest direct path to a known pixel has `distance` steps of conductance 2, and more paths only lower the
 * resistance (Rayleigh). The error at one pixel is at most sqrt(resistance x energy of the error) (Cauchy-Schwarz).
 */
export function resistanceBound({ runs, runCount, stride, distance }: HoleSystem): number {
  for (let run = 0; run < runCount; run += 2) {
    for (let i = runs[run]!; i < runs[run + 1]!; i++) {
      distance[i] = 1 + Math.min(distance[i - 1]!, distance[i - stride]!);
    }
  }
  let farthest = 0;
  for (let run = runCount - 2; run >= 0; run -= 2) {
    for (let i = runs[run + 1]! - 1; i >= runs[run]!; i--) {
      const steps = Math.min(distance[i]!, 1 + distance[i + 1]!, 1 + distance[i + stride]!);
      distance[i] = steps;
      if (steps > farthest) farthest = steps;
    }
  }
  return farthest / 2;
}

function findRuns(system: HoleSystem): void {
  const { hole, runs } = system;
  let count = 0;
  let inside = 0;
  for (let i = 0; i < hole.length; i++) {
    if (hole[i] === inside) continue;
    runs[count++] = i;
    inside = hole[i]!;
  }
  system.runCount = count; // even: the border is never a hole, so every run ends
}
