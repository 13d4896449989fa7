/**
 * By what the foretold changes are multiplied first: nothing; what fits best; or that, but never turned round, which would make a map as good
 * as its opposite.
 */
export const scalings = ['none', 'optimal', 'non-negative'] as const;

/** One way to scale what a map foretells. */
export type Scaling = (typeof scalings)[number];

/** How well changes were foretold. */
export interface Fit {
  /** Mean squared difference. */
  readonly misfit: number;
  /** The same over the mean square of what happened; null where nothing happened. */
  readonly share: number | null;
}

/**
 * With s what is foretold, d what happened, and b the scale (`optimal`: sum(s d) / sum(s s), 1 where s is zero): mean((b s - d)^2).
 *
 * @param foretold of every perturbation
 * @param happened as long
 */
export function squaredMisfit(foretold: readonly number[], happened: readonly number[], scaling: Scaling): Fit {
  const sum = (term: (s: number, d: number) => number) =>
    foretold.reduce((total, s, i) => total + term(s, happened[i]!), 0);
  const scale = scaling === 'none' ? 1 : bestScale(sum, scaling === 'optimal' ? Number.NEGATIVE_INFINITY : 0);
  const [squares, all] = [sum((s, d) => (scale * s - d) ** 2), sum((_, d) => d * d)];
  return { misfit: squares / foretold.length, share: all === 0 ? null : squares / all };
}

function bestScale(sum: (term: (s: number, d: number) => number) => number, least: number): number {
  const squares = sum((s) => s * s);
  return squares === 0 ? 1 : Math.max(least, sum((s, d) => s * d) / squares);
}
