import type { Ops, Variable } from '@espalier/engine';

/**
 * Lookahead: every k steps the slow weights go to slow + alpha (fast - slow), and the fast ones go on from there.
 *
 * Slow weights live in JavaScript: they are touched once in k steps. Source: Zhang et al. (2019), algorithm 1,
 * https://arxiv.org/abs/1907.08610.
 */
export class Lookahead {
  readonly #ops: Ops;
  readonly #k: number;
  readonly #alpha: number;
  readonly #slow: Map<string, Float32Array>;

  /** @param slow slow weights to go on from, in the device's layout; those of the first step where there are none */
  constructor(ops: Ops, k: number, alpha: number, slow: ReadonlyMap<string, Float32Array>) {
    this.#ops = ops;
    this.#k = k;
    this.#alpha = alpha;
    this.#slow = new Map(slow);
  }

  /** By name, in the device's layout. */
  get slow(): ReadonlyMap<string, Float32Array> {
    return this.#slow;
  }

  /** Before a step of `weight`: the first one's weights are the first slow ones. */
  before(name: string, weight: Variable): void {
    if (!this.#slow.has(name)) this.#slow.set(name, this.#ops.download(weight));
  }

  /** After step `step`, which counts from 1. */
  after(name: string, weight: Variable, step: number): void {
    if (step % this.#k !== 0) return;
    const slow = this.#slow.get(name)!;
    const fast = this.#ops.download(weight);
    for (let i = 0; i < slow.length; i++) slow[i] = slow[i]! + this.#alpha * Math.fround(fast[i]! - slow[i]!);
    this.#ops.scope(() => this.#ops.assign(weight, this.#ops.upload(slow, weight.shape)));
  }
}
