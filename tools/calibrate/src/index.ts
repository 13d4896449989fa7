import { parseArgs } from 'node:util';
import { coverage } from './coverage.ts';
import { nullRejections } from './null-rejections.ts';

const usage = `npm run calibrate -- [--only coverage|null] [--repetitions 1000] [--comparisons 200] [--seed 1]

Coverage: how often the 95 % interval covers a known effect; between 93 and 97 % holds.
Null: how often a trained model seems to differ from itself under two seeds of ROAD's noise; 5 % within the binomial interval holds.`;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    repetitions: { type: 'string', default: '1000' },
    comparisons: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
});
const [repetitions, comparisons, seed] = [values.repetitions, values.comparisons, values.seed].map(Number) as [
  number,
  number,
  number,
];

if (values.help || ![repetitions, comparisons, seed].every(Number.isInteger)) {
  console.log(usage);
  process.exitCode = values.help ? 0 : 2;
} else {
  let holds = true;
  if (values.only !== 'null') {
    for (const line of coverage(repetitions, seed)) {
      console.log(line.text);
      holds &&= line.holds;
    }
  }
  if (values.only !== 'coverage') {
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
