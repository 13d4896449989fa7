import { type RandomStream, randomStream } from '@espalier/core';
import { comparePaired, type PairedDesign } from '@espalier/numerics';
import { type Scenario, type SeedScenario, scenarios, seedScenarios, seedTable, sizes } from './scenarios.ts';

const resamples = 999;
const held = { least: 0.93, most: 0.97 };
// Banerjee's interval promises at least its level where both seeds and images vary
const mostWithSeeds = 0.995;

export interface CoverageLine {
  readonly text: string;
  readonly holds: boolean;
}

/** How often the 95 % interval covers a known effect, with what a percentile bootstrap would do beside it. */
export function* coverage(repetitions: number, seed: number): Generator<CoverageLine> {
  for (const scenario of scenarios) {
    for (const n of sizes) yield ofScenario(scenario, n, repetitions, seed);
  }
  for (const scenario of seedScenarios) yield ofSeeds(scenario, repetitions, seed);
}

function ofScenario({ name, draw, mean, from }: Scenario, n: number, repetitions: number, seed: number): CoverageLine {
  const samples = Array.from({ length: repetitions }, (_, r) => {
    const stream = randomStream(seed, name, n, r);
    return Array.from({ length: n }, () => draw(stream));
  });
  const { covering: found, refused } = shareCovering(
    samples.map((values) => [values]),
    mean,
    seed,
  );
  const percentile = samples.filter((values, r) =>
    percentileCovers(values, mean, randomStream(seed, 'percentile', name, n, r)),
  );
  const judged = n >= from;
  const holds = !judged || (found >= held.least && found <= held.most);
  const verdict = judged ? (holds ? 'holds' : 'FAILS') : 'beyond its limits, not judged';
  const text = `${name}, n = ${n}: ${percent(found)} (percentile bootstrap ${percent(percentile.length / repetitions)}${refused > 0 ? `; no interval for ${percent(refused)}` : ''}): ${verdict}`;
  return { text, holds };
}

function ofSeeds(scenario: SeedScenario, repetitions: number, seed: number): CoverageLine {
  const { seeds, images, share } = scenario;
  const tables = Array.from({ length: repetitions }, (_, r) =>
    seedTable(scenario, randomStream(seed, 'seeds', seeds, share, r)),
  );
  const { covering: found } = shareCovering(tables, 0, seed);
  const holds = found >= held.least && found <= mostWithSeeds;
  const what = `${seeds} seeds x ${images} skewed images, ${percent(share)} of the variance with the seeds`;
  return { text: `${what}: ${percent(found)}: ${holds ? 'holds' : 'FAILS'}`, holds };
}

interface Share {
  /** Of the intervals given, those that cover. */
  readonly covering: number;
  /** Of all repetitions, those too thin for an interval. */
  readonly refused: number;
}

function shareCovering(tables: readonly (readonly (readonly number[])[])[], mean: number, seed: number): Share {
  const designs = tables.map(
    (differences): PairedDesign => ({ ids: differences[0]!.map((_, i) => String(i)), differences }),
  );
  const given = comparePaired(designs, { resamples, seed }).flatMap(({ interval }) => (interval ? [interval] : []));
  const covering = given.filter(([low, high]) => low <= mean && mean <= high).length;
  return { covering: covering / given.length, refused: 1 - given.length / tables.length };
}

function percentileCovers(values: readonly number[], mean: number, stream: RandomStream): boolean {
  const n = values.length;
  const means = Float64Array.from({ length: 199 }, () => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += values[Math.floor(stream.uniform() * n)]!;
    return sum / n;
  }).sort();
  return means[4]! <= mean && mean <= means[194]!;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
