import { type HoleMemory, holeMemory } from './hole-memory.ts';

/**
 * The linear system of noisy linear imputation (Rong et al. 2022) on a frame of `height` x `width` pixels.
 *
 * Every removed pixel ("hole") equals the weighted mean of its neighbours inside the frame: 1/6 for the 4 direct, 1/12
 * for the 4 diagonal ones. All weights here are times 12. In letters: A = D_A - W - W' with D_A the degree (sum of the
 * weights in the frame), W the weights to holes that come earlier in row-major order, W' those to later ones.
 *
 * Preconditioner: M = E D^-1 F with E = D - W, F = D - W', and the pivots D chosen so that M and A have equal row sums
 * (modified incomplete Cholesky, Gustafsson 1978). A - M is then the Laplacian of a graph, so A >= M, and for any
 * residual r: r' A^-1 r <= r' M^-1 r. Conjugate gradients know the right side, and so a bound on their error. Pivots are
 * positive as long as one pixel is known.
 *
 * Pixel (y, x) is entry (y + 1)(width + 2) + x + 1 of every array; the border of zeros saves the tests at the edges.
 */
export class HoleSystem {
  readonly height: number;
  readonly width: number;
  readonly memory: HoleMemory;
  /** Runs of neighbouring holes; {@link HoleMemory} has where they are. */
  runCount = 0;
  readonly #stride: number;
  readonly #hole: Uint8Array;
  readonly #degree: Uint8Array;
  /** 1/D at holes, 0 elsewhere. */
  readonly #inverse: Float64Array;
  /** Sum of the weights to later holes. */
  readonly #later: Float64Array;
  /** City-block steps to the nearest known pixel. */
  readonly #distance: Int32Array;

  constructor(height: number, width: number) {
    const entries = (height + 2) * (width + 2);
    this.height = height;
    this.width = width;
    this.#stride = width + 2;
    this.memory = holeMemory(entries, this.#stride);
    this.#hole = new Uint8Array(entries);
    this.#degree = new Uint8Array(entries);
    this.#inverse = new Float64Array(entries);
    this.#later = new Float64Array(entries);
    this.#distance = new Int32Array(entries).fill(height + width); // beyond the frame nothing is known
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const rows = Number(y > 0) + Number(y < height - 1);
        const columns = Number(x > 0) + Number(x < width - 1);
        this.#degree[this.entryOf(y, x)] = 2 * (rows + columns) + rows * columns;
        this.#distance[this.entryOf(y, x)] = 0;
      }
    }
  }

  entryOf(y: number, x: number): number {
    return (y + 1) * this.#stride + x + 1;
  }

  /** Forgets all holes and values. */
  clear(): void {
    for (let y = 0; y < this.height; y++) {
      this.#distance.fill(0, this.entryOf(y, 0), this.entryOf(y, this.width));
    }
    for (const array of [this.#hole, this.#inverse, this.#later]) array.fill(0);
    this.memory.clear();
    this.runCount = 0;
  }

  /** Makes holes of the pixels `indices` (row-major) too, and factorises again. */
  addHoles(indices: Uint32Array): void {
    for (let i = 0; i < indices.length; i++) {
      const y = Math.floor(indices[i]! / this.width);
      this.#hole[this.entryOf(y, indices[i]! - y * this.width)] = 1;
    }
    this.#findRuns();
    this.#factorise();
  }

  /**
   * The largest effective resistance between a hole and the known pixels, bounded from above.
   *
   * The shortest direct path to a known pixel has `distance` steps of conductance 2, and further paths only lower the
   * resistance (Rayleigh). The error at one pixel is at most sqrt(resistance x energy of the error) (Cauchy-Schwarz).
   */
  resistanceBound(): number {
    const { memory, runCount } = this;
    const [distance, stride, { runs }] = [this.#distance, this.#stride, memory];
    for (let run = 0; run < runCount; run++) {
      const start = runs[2 * run]! / 16;
      for (let i = start; i < start + runs[2 * run + 1]!; i++) {
        distance[i] = 1 + Math.min(distance[i - 1]!, distance[i - stride]!);
      }
    }
    let farthest = 0;
    for (let run = runCount - 1; run >= 0; run--) {
      const start = runs[2 * run]! / 16;
      for (let i = start + runs[2 * run + 1]! - 1; i >= start; i--) {
        const steps = Math.min(distance[i]!, 1 + distance[i + 1]!, 1 + distance[i + stride]!);
        distance[i] = steps;
        if (steps > farthest) farthest = steps;
      }
    }
    return farthest / 2;
  }

  #findRuns(): void {
    const [hole, { runs }] = [this.#hole, this.memory];
    let count = 0;
    let start = 0; // of the run that is open; 0 is on the border, where no run starts
    for (let i = 0; i < hole.length; i++) {
      if (hole[i] === 1) start ||= i;
      else if (start > 0) {
        runs[2 * count] = 16 * start;
        runs[2 * count + 1] = i - start;
        count++;
        start = 0;
      }
    }
    this.runCount = count;
  }

  #factorise(): void {
    const { memory, runCount } = this;
    const [hole, degree, inverse, later, stride] = [this.#hole, this.#degree, this.#inverse, this.#later, this.#stride];
    const { runs, coefficients } = memory;
    const share = (i: number) => later[i]! * inverse[i]!;
    for (let run = 0; run < runCount; run++) {
      const start = runs[2 * run]! / 16;
      for (let i = start; i < start + runs[2 * run + 1]!; i++) {
        const [above, below] = [i - stride, i + stride];
        later[i] = 2 * (hole[i + 1]! + hole[below]!) + hole[below - 1]! + hole[below + 1]!;
        const pivot = degree[i]! - 2 * (share(i - 1) + share(above)) - share(above - 1) - share(above + 1);
        inverse[i] = 1 / pivot;
        coefficients[4 * i] = pivot;
        coefficients[4 * i + 1] = inverse[i]!;
        coefficients[4 * i + 2] = degree[i]!;
        coefficients[4 * i + 3] = 2 * pivot - degree[i]!;
      }
    }
  }
}
