/** How often two models differ on samples that are right or wrong. */
export interface Discordance {
  /** Samples where the treated model alone scores. */
  readonly gained: number;
  /** Samples where the reference alone scores. */
  readonly lost: number;
  readonly n: number;
}

/**
 * Score interval for the difference of two paired proportions, (gained - lost) / n.
 *
 * It holds its level where differences are rare, which no bootstrap of 0 and 1 does.
 *
 * Source: Tango (1998), Statistics in Medicine 17, 891-908, eq. 5 and 8.
 */
export function scoreInterval(counts: Discordance, z: number): readonly [number, number] {
  const observed = (counts.gained - counts.lost) / counts.n;
  const outside = (difference: number) => Math.abs(score(counts, difference)) > z;
  return [edge(observed, -1, outside), edge(observed, 1, outside)];
}

/** Tango's score statistic for the hypothesis that the difference is `difference`. */
function score({ gained, lost, n }: Discordance, difference: number): number {
  const distance = gained - lost - n * difference;
  if (distance === 0) return 0;
  const b = -gained - lost + (2 * n - gained + lost) * difference;
  const c = -lost * difference * (1 - difference);
  // probability that the reference alone scores, most likely under the hypothesis
  const p = (Math.sqrt(b * b - 8 * n * c) - b) / (4 * n);
  const variance = n * (2 * p + difference * (1 - difference));
  return variance <= 0 ? Math.sign(distance) * Number.POSITIVE_INFINITY : distance / Math.sqrt(variance);
}

/** Where `outside` turns true between `inside` and `end`, by bisection to the last bits. */
function edge(inside: number, end: number, outside: (difference: number) => boolean): number {
  if (!outside(end)) return end;
  let [near, far] = [inside, end];
  for (let i = 0; i < 60; i++) {
    const middle = (near + far) / 2;
    if (outside(middle)) far = middle;
    else near = middle;
  }
  return near;
}

/** Exact two-sided McNemar test: twice the smaller binomial tail, at most 1; 1 where nothing differs. */
export function exactMcNemar({ gained, lost }: Omit<Discordance, 'n'>): number {
  const total = gained + lost;
  const least = Math.min(gained, lost);
  let logTerm = -total * Math.LN2; // log C(total, k) / 2^total for k = 0
  let tail = 0;
  for (let k = 0; k <= least; k++) {
    tail += Math.exp(logTerm);
    logTerm += Math.log((total - k) / (k + 1));
  }
  return Math.min(1, 2 * tail);
}
