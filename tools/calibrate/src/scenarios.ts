import type { RandomStream } from '@espalier/core';

/** Paired differences whose mean is known: what an interval must cover. */
export interface Scenario {
  readonly name: string;
  /** One difference. */
  readonly draw: (stream: RandomStream) => number;
  readonly mean: number;
  /** Smallest size at which the interval must hold its level; at smaller ones too few samples differ, or skewness is too large. */
  readonly from: number;
}

export const sizes = [20, 50, 200] as const;

const exponential = (stream: RandomStream) => -Math.log1p(-stream.uniform());

export const scenarios: readonly Scenario[] = [
  { name: 'normal', draw: (stream) => 0.3 + stream.normal(), mean: 0.3, from: 20 },
  { name: 'skewed: exponential', draw: (stream) => exponential(stream) - 0.8, mean: 0.2, from: 20 },
  { name: 'AOPC of hits at ten levels', draw: areaOfHits, mean: 0.045, from: 20 },
  {
    name: 'heavy ties: 60 % zero, else exponential',
    draw: (stream) => (stream.uniform() < 0.6 ? 0 : exponential(stream)),
    mean: 0.4,
    from: 20,
  },
  {
    name: 'heavier ties: 80 % zero, else exponential',
    draw: (stream) => (stream.uniform() < 0.8 ? 0 : exponential(stream)),
    mean: 0.2,
    from: 50, // of 20, four differ
  },
  { name: 'right and wrong: 15 % gained, 5 % lost', draw: gainOrLoss(0.15, 0.05), mean: 0.1, from: 50 },
  { name: 'right and wrong: 3 % gained, 2 % lost', draw: gainOrLoss(0.03, 0.02), mean: 0.01, from: 200 },
  {
    name: 'very skewed: log-normal',
    draw: (stream) => Math.exp(stream.normal()) - Math.exp(0.5) + 0.2,
    mean: 0.2,
    from: 200, // its skewness is 6.2
  },
];

/**
 * Difference of two areas over ROAD's curve of hits, in tenths. Each of nine levels is a hit with the image's own
 * chance; the treated model agrees with the reference on 70 % of them and loses a tenth of its hits: 9 x 0.1 x 0.5 / 10.
 */
function areaOfHits(stream: RandomStream): number {
  const chance = stream.uniform();
  let [reference, treated] = [0, 0];
  for (let level = 1; level < 10; level++) {
    const hit = stream.uniform() < chance;
    const other = stream.uniform() < 0.7 ? hit : stream.uniform() < chance;
    reference += Number(hit);
    treated += Number(other && stream.uniform() >= 0.1);
  }
  return (reference - treated) / 10;
}

function gainOrLoss(gained: number, lost: number): Scenario['draw'] {
  return (stream) => {
    const value = stream.uniform();
    return value < gained ? 1 : value < gained + lost ? -1 : 0;
  };
}

/** Three training seeds crossed with skewed images: `share` of the variance of the mean comes with the seeds. */
export interface SeedScenario {
  readonly share: number;
  readonly seeds: number;
  readonly images: number;
}

export const seedScenarios: readonly SeedScenario[] = [0, 0.3, 0.6, 0.9].flatMap((share) =>
  [3, 5].map((seeds) => ({ share, seeds, images: 50 })),
);

/** A seeds x images table whose mean is 0. */
export function seedTable({ share, seeds, images }: SeedScenario, stream: RandomStream): number[][] {
  const rest = 1 / images + 1 / (seeds * images);
  const deviation = Math.sqrt((rest * seeds * share) / (1 - share));
  const image = Array.from({ length: images }, () => exponential(stream) - 1);
  return Array.from({ length: seeds }, () => {
    const seed = deviation * stream.normal();
    return image.map((value) => value + seed + stream.normal());
  });
}
