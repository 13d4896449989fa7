/** Adam's (Kingma & Ba 2015) running means of the slopes of some values and of their squares. */
export class Adam {
  readonly #mean: Float64Array;
  readonly #square: Float64Array;

  constructor(size: number) {
    this.#mean = new Float64Array(size);
    this.#square = new Float64Array(size);
  }

  /** Moves `values` down `slopes`, in place. @param step from 1 */
  step(values: Float64Array, slopes: Float64Array, { step, rate }: { readonly step: number; readonly rate: number }) {
    const [first, second] = [1 - decay ** step, 1 - decayOfSquares ** step];
    for (let i = 0; i < values.length; i++) {
      this.#mean[i] = decay * this.#mean[i]! + (1 - decay) * slopes[i]!;
      this.#square[i] = decayOfSquares * this.#square[i]! + (1 - decayOfSquares) * slopes[i]! ** 2;
      values[i]! -= (rate * this.#mean[i]!) / first / (Math.sqrt(this.#square[i]! / second) + epsilon);
    }
  }
}

const decay = 0.9;
const decayOfSquares = 0.999;
const epsilon = 1e-8;
