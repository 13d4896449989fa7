import { parseArgs } from 'node:util';
import { type CalibrationLine, coverage, equivalence, power } from './coverage.ts';
import { nullRejections } from './null-rejections.ts';

const usage = `npm run calibrate -- [--only coverage|equivalence|power|null] [--repetitions 1000] [--comparisons 200]

Coverage: studies in which nothing differs, judged as a run judges them. The 95 % interval covers 0 in 93 to 97 % of them, and at most 5.5 %
of the studies have any false finding. Equivalence: differences as large as the margin count as equivalent at most 5 % of the time.
Power: what must be found. Null: how often a trained model seems to differ from itself under two seeds of ROAD's noise.`;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    repetitions: { type: 'string', default: '1000' },
    comparisons: { type: 'string', default: '200' },
    help: { type: 'boolean', default: false },
  },
});
const [repetitions, comparisons] = [values.repetitions, values.comparisons].map(Number) as [number, number];
const parts = { coverage, equivalence, power } as const;
const isPart = (name: string): name is keyof typeof parts => Object.hasOwn(parts, name);
const isKnown = values.only === undefined || values.only === 'null' || isPart(values.only);

if (values.help || ![repetitions, comparisons].every(Number.isInteger) || !isKnown) {
  console.log(usage);
  process.exitCode = values.help ? 0 : 2;
} else {
  let holds = true;
  for (const [name, lines] of Object.entries(parts) as [string, (repetitions: number) => Iterable<CalibrationLine>][]) {
    if (values.only !== undefined && values.only !== name) continue;
    for (const line of lines(repetitions)) {
      console.log(line.text);
      holds &&= line.holds;
    }
  }
  if (values.only === undefined || values.only === 'null') {
    for (const { metric, rejections } of await nullRejections(comparisons, console.log)) {
      const [low, high] = binomialInterval(comparisons, 0.05);
      // hits are discrete: where the noise changes few of them the test rejects less often than it may
      const isContinuous = metric.includes('probability');
      const within = rejections <= high && (rejections >= low || !isContinuous);
      holds &&= within;
      const bounds = isContinuous ? `${low} to ${high}` : `at most ${high}`;
      console.log(
        `null, ${metric}: ${rejections} of ${comparisons} reject at 5 % (${bounds} hold): ${within ? 'holds' : 'FAILS'}`,
      );
    }
  }
  console.log(holds ? 'Every level holds.' : 'Some level does not hold.');
  process.exitCode = holds ? 0 : 1;
}

/** The central 95 % of a binomial count: no more than 2.5 % lie below the first or above the second. */
function binomialInterval(n: number, p: number): readonly [number, number] {
  const chances = Array.from({ length: n + 1 }, () => 0);
  chances[0] = (1 - p) ** n;
  for (let k = 1; k <= n; k++) chances[k] = (chances[k - 1]! * (n - k + 1) * p) / (k * (1 - p));
  let [low, below] = [0, chances[0]!];
  while (below <= 0.025) below += chances[++low]!;
  let [high, above] = [n, chances[n]!];
  while (above <= 0.025) above += chances[--high]!;
  return [low, high];
}
