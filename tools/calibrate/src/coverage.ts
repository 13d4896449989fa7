import type { Claim } from '@espalier/analysis';
import { type Scenario, scenarios, shapes } from './scenarios.ts';
import { type StudyShape, simulatedClaims } from './simulated-study.ts';

const held = { least: 0.93, most: 0.97 };
// Seeds that add nothing still cost the few degrees of freedom that their number has.
const mostWithSeeds = 0.975;
const mostFalse = 0.055;

/** One line of the table, and whether it holds. */
export interface CalibrationLine {
  readonly text: string;
  readonly holds: boolean;
}

const nothing: StudyShape = { endpoints: 3, levels: [0.3, 0.6, 0.9], effect: () => 0 };

/** Where nothing differs: how often the 95 % interval covers 0, and how often a study has any false finding. */
export function* coverage(repetitions: number): Generator<CalibrationLine> {
  for (const scenario of scenarios) {
    let [covering, given, asked, falsely] = [0, 0, 0, 0];
    for (let r = 0; r < repetitions; r++) {
      const { claims } = simulatedClaims(scenario, nothing, r);
      falsely += Number(claims.some(({ verdict }) => verdict === 'different'));
      for (const { place, comparison } of claims) {
        if (place.kind === 'trend') continue;
        asked++;
        if (!comparison.interval) continue;
        given++;
        covering += Number(comparison.interval[0] <= 0 && comparison.interval[1] >= 0);
      }
    }
    yield nullLine(scenario, {
      covered: covering / given,
      refused: 1 - given / asked,
      falsely: falsely / repetitions,
      repetitions,
    });
  }
}

interface NullShares {
  readonly covered: number;
  readonly refused: number;
  readonly falsely: number;
  readonly repetitions: number;
}

function nullLine({ name, seeds }: Scenario, { covered, refused, falsely, repetitions }: NullShares): CalibrationLine {
  const most = seeds > 1 ? mostWithSeeds : held.most;
  // as far above as chance brings one in a hundred
  const chance = 2.33 * Math.sqrt((mostFalse * (1 - mostFalse)) / repetitions);
  const holds = covered >= held.least && covered <= most && falsely <= mostFalse + chance;
  const without = refused > 0 ? `, no interval for ${percent(refused)}` : '';
  return {
    text: `${name}: covers ${percent(covered)}${without}; any false finding ${percent(falsely)}: ${said(holds)}`,
    holds,
  };
}

/** True differences that are as large as the margin: how often they count as equivalent. */
export function* equivalence(repetitions: number): Generator<CalibrationLine> {
  for (const scenario of scenarios.filter(({ shape, images }) => shape !== shapes[3] && images >= 20)) {
    const margin = 3 / Math.sqrt(scenario.images) + 0.3;
    const study: StudyShape = { endpoints: 1, levels: [0.5], effect: () => margin, margin };
    const found = share(repetitions, (r) => simulatedClaims(scenario, study, r).claims[0]!.verdict === 'equivalent');
    const holds = found <= 0.05;
    yield { text: `equivalence at the margin, ${scenario.name}: ${percent(found)}: ${said(holds)}`, holds };
  }
}

/** True differences that must be found. */
export function* power(repetitions: number): Generator<CalibrationLine> {
  const isFirstFound = (claims: readonly Claim[]) => claims[0]!.verdict === 'different';
  const few: Scenario = { name: 'ten images', shape: shapes[0]!, images: 10, seeds: 1, withinClass: 0, ofSeeds: 0 };
  for (const endpoints of [1, 3, 5]) {
    const study: StudyShape = { endpoints, levels: [0.5], effect: () => 2 };
    const found = share(repetitions, (r) => isFirstFound(simulatedClaims(few, study, r).claims));
    yield {
      text: `ten images, two standard deviations, ${endpoints} endpoints: found ${percent(found)}`,
      holds: found >= 0.6,
    };
  }
  const seeded: Scenario = { ...few, name: 'three seeds', images: 100, seeds: 3, ofSeeds: 0.99 };
  // the deviation of a seed, as `differences` draws it
  const deviation = Math.sqrt(((1 / 100 + 1 / 300) * 3 * 0.99) / 0.01);
  for (const endpoints of [1, 3, 5]) {
    const study: StudyShape = { endpoints, levels: [0.3, 0.6, 0.9], effect: () => 10 * deviation };
    const found = share(repetitions, (r) => isFirstFound(simulatedClaims(seeded, study, r).claims));
    yield {
      text: `three seeds, ten of their standard deviations, ${endpoints} endpoints: found ${percent(found)}`,
      holds: found >= 0.8,
    };
  }
}

function share(repetitions: number, isTrue: (repetition: number) => boolean): number {
  let count = 0;
  for (let r = 0; r < repetitions; r++) count += Number(isTrue(r));
  return count / repetitions;
}

function said(holds: boolean): string {
  return holds ? 'holds' : 'FAILS';
}

function percent(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}
