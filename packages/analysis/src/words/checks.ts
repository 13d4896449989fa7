import { greatest, group } from 'd3-array';
import type { Check } from '../claims/checks.ts';
import { explainerName } from '../results/series.ts';
import { listed, percent } from '../text/numbers.ts';
import { valueText } from '../text/score-words.ts';
import type { Phrase } from './phrases.ts';

// More than these are counted: the table has them all.
const mostNamed = 2;

type Names = ReadonlyMap<string, string>;

/** `Random layers (Vanilla gradient)`: the check and whom it is about. */
export function checkName({ words, explainer, rest }: Check, explainers: Names): string {
  const about = [explainerName({ explainers }, explainer), rest.replaceAll('=', ': ')].filter((part) => part !== '');
  return `${words.name}${about.length > 0 ? ` (${about.join(', ')})` : ''}`;
}

/** `dense`, `70 %`, or `70 % of “random”`. */
export function checkPlace({ level, arm }: Check): string {
  if (level === 0) return 'dense';
  return arm === null ? percent(level) : `${percent(level)} of \u201c${arm}\u201d`;
}

/** `0.262 (0.221 to 0.303)`: the mean with the interval that the verdict goes by. */
export function checkNumbers(check: Check): string {
  const { mean, interval } = check;
  if (!Number.isFinite(mean)) return '\u2013';
  return `${valueText(check, mean)}${interval ? ` (${interval.map((end) => valueText(check, end)).join(' to ')})` : ''}`;
}

/** Whether explainers pass their sanity checks, in one sentence; null where none was judged. */
export function checksSentence(checks: readonly Check[], explainers: Names): readonly Phrase[] | null {
  if (checks.length === 0) return null;
  const series = seriesOf(checks);
  const passing = series.filter((own) => outcomeOf(own) === 'passes');
  const clauses = (['fails', 'inconclusive'] as const).flatMap((verdict) =>
    series
      .filter((own) => outcomeOf(own) === verdict)
      .map((own): Phrase[] => {
        const found = own.filter((check) => check.verdict === verdict);
        const cited = farthest(found);
        const where = own.length === 1 ? '' : ` in ${found.length} of ${own.length} places`;
        const why = cited.why === null ? '' : `: ${cited.why}`;
        return [
          { strong: checkName(cited, explainers) },
          { text: `${verdict === 'fails' ? ' fails' : ' is inconclusive'}${where}, ` },
          { text: `${checkNumbers(cited)} at ${checkPlace(cited)}`, claim: cited.id },
          { text: `, bar ${valueText(cited, cited.bar)}${why}` },
        ];
      }),
  );
  const more = clauses.length - mostNamed;
  const everywhere = passing.length < series.length ? '' : `: ${listed([...new Set(checks.map(placeKind))])}`;
  const start = `Sanity checks: ${passing.length} of ${series.length} pass everywhere${everywhere}`;
  return [
    { text: start },
    ...clauses.slice(0, mostNamed).flatMap((clause) => [{ text: '; ' }, ...clause]),
    { text: more > 0 ? `; and ${more} more.` : '.' },
  ];
}

/** `; mind that Edges fails`, to be put at the end of a sentence; nothing where nobody fails. */
export function failureClause(checks: readonly Check[], explainers: Names): readonly Phrase[] {
  const failing = seriesOf(checks).filter((own) => outcomeOf(own) === 'fails');
  const [first] = failing;
  if (!first) return [];
  if (failing.length > 1) return [{ text: `; mind that ${failing.length} sanity checks fail` }];
  return [{ text: '; mind that ' }, { strong: checkName(first[0]!, explainers) }, { text: ' fails' }];
}

function placeKind({ level, arm }: Check): string {
  if (level === 0) return 'dense';
  return arm === null ? 'every level' : `every level of \u201c${arm}\u201d`;
}

/** What one check says of one explainer, everywhere. */
function seriesOf(checks: readonly Check[]): (readonly Check[])[] {
  const key = ({ metric, preset, explainer, rest }: Check) => JSON.stringify([metric, preset, explainer, rest]);
  return [...group(checks, key).values()];
}

function outcomeOf(own: readonly Check[]): Check['verdict'] {
  const verdicts = own.map(({ verdict }) => verdict);
  return (
    verdicts.find((verdict) => verdict === 'fails') ?? verdicts.find((verdict) => verdict !== 'passes') ?? 'passes'
  );
}

/** The farthest on the worse side of the bar. */
function farthest(checks: readonly Check[]): Check {
  const beyond = ({ mean, bar, direction }: Check) => (direction === 'lower-is-better' ? mean - bar : bar - mean);
  return greatest(checks, beyond) ?? checks[0]!; // there is one; its mean may be none
}
