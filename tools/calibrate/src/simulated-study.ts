import { type Claims, makeClaims, type ScoredSamples } from '@espalier/analysis';
import { classOf, differences, type Scenario } from './scenarios.ts';

/** What a simulated study measures. */
export interface StudyShape {
  readonly endpoints: number;
  readonly levels: readonly number[];
  /** The true difference at a level. */
  readonly effect: (level: number) => number;
  /** Largest difference that does not matter; null for none. */
  readonly margin?: number;
}

const resamples = 999;

/** The claims of a study whose true differences are known, made as a run makes them. */
export function simulatedClaims(scenario: Scenario, study: StudyShape, repetition: number): Claims {
  const metrics = Array.from({ length: study.endpoints }, (_, i) => `measure-${i}`);
  const scores = metrics.flatMap((metric) =>
    study.levels.flatMap((level) => scoresAt(scenario, study, { metric, level, repetition })),
  );
  return makeClaims(scores, {
    ...{
      treatment: 'pruned',
      control: 'trained-on',
      endpoints: [],
      bars: {},
      imageSet: 'all',
      resamples,
      seed: repetition,
    },
    margins: study.margin === undefined ? {} : Object.fromEntries(metrics.map((metric) => [metric, study.margin!])),
    ...(scenario.withinClass > 0 && { classOf }),
  });
}

interface Place {
  readonly metric: string;
  readonly level: number;
  readonly repetition: number;
}

/** Both arms of each seed: the control has 0, or misses where the pruned network alone hits. */
function scoresAt(scenario: Scenario, { effect }: StudyShape, { metric, level, repetition }: Place): ScoredSamples[] {
  const rows = differences(scenario, effect(level), scenario.name, metric, level, repetition);
  return rows.flatMap((row, seed) => {
    const hits = scenario.shape.isBinary && scenario.seeds === 1;
    const reference = row.map((value) => (hits ? Number(value < 0) : 0));
    const treated = row.map((value, i) => value + reference[i]!);
    return [
      scored(metric, { arm: 'pruned', level, seed, values: treated }),
      scored(metric, { arm: 'trained-on', level, seed, values: reference }),
    ];
  });
}

function scored(metric: string, own: Pick<ScoredSamples, 'arm' | 'level' | 'seed' | 'values'>): ScoredSamples {
  return {
    ...own,
    ...{ instance: `${metric}[${own.arm},${own.level},${own.seed}]`, node: metric, metric, preset: 'corrected' },
    ...{ words: { name: metric, meaning: '' }, aspect: 'simulated', role: 'primary', direction: 'neither' },
    ...{
      sample: 'image',
      explainer: null,
      alternative: null,
      rest: '',
      draw: null,
      isBaseline: false,
      margin: null,
      comparedOn: null,
      bar: null,
    },
    ...{ isCorrectness: false, settings: {}, considered: null, labelHolds: true, isMatched: false, network: null },
    ...{ ids: own.values.map((_, i) => String(i)), byDraw: [], sharedFits: null, definitions: [], whyEmpty: null },
  };
}
