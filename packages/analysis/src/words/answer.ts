import { group } from 'd3-array';
import type { Claim, Claims } from '../claims/claims.ts';
import { familyText } from '../claims/families.ts';
import { imageSetText } from '../claims/image-sets.ts';
import { controlOf, type Measure, measuresOf } from '../claims/measures.ts';
import { explainerName } from '../results/series.ts';
import { count, listed, percent } from '../text/numbers.ts';
import { type AspectAnswer, answerOf } from './answer-lines.ts';
import { cautionOf } from './level-words.ts';
import type { NameOf } from './sentences.ts';

/** The answer of a run in words: what the page, `answer.md` and `results.json` say. */
export interface Answer {
  /** Counts of what changed, what does not show a change, what cannot be told. */
  readonly summary: string;
  /** What to know before all else: models that are not what their labels say. Null where there are none. */
  readonly caution: string | null;
  /** What the sentences are about and how sure they are. */
  readonly scope: readonly string[];
  readonly aspects: readonly AspectAnswer[];
  readonly measures: readonly Measure[];
  readonly nameOf: NameOf;
}

/** The aspect as a heading. */
export function aspectTitle(aspect: string): string {
  return aspect.charAt(0).toUpperCase() + aspect.slice(1);
}

/** Words the claims of a run; null where there are none. */
export function wordAnswer(claims: Claims, explainers: ReadonlyMap<string, string>): Answer | null {
  const measures = measuresOf(claims.claims);
  if (measures.length === 0) return null;
  const nameOf = namer(measures, explainers);
  const aspects = answerOf(measures, nameOf);
  const caution = cautionOf(claims.claims);
  return { summary: summaryOf(aspects), caution, scope: scopeOf(claims), aspects, measures, nameOf };
}

/** Names of measures: short name, explainer, then labels and preset where they tell two apart. */
function namer(measures: readonly Measure[], explainers: ReadonlyMap<string, string>): NameOf {
  const base = (measure: Measure) => {
    const { explainer, rest } = measure;
    const aside = [explainerName({ explainers }, explainer), rest.replaceAll('=', ': ')].filter((part) => part !== '');
    return `${measure.words.name}${aside.length > 0 ? ` (${aside.join(', ')})` : ''}`;
  };
  const shared = group(measures, base);
  return (measure) => {
    const name = base(measure);
    return shared.get(name)!.length > 1 ? `${name}, ${measure.preset}` : name;
  };
}

function summaryOf(aspects: readonly AspectAnswer[]): string {
  const sentences = aspects.flatMap(({ sentences: all }) => all.filter(({ family }) => family === 'primary'));
  const of = (outcome: string) => sentences.filter((sentence) => sentence.outcome === outcome).length;
  const [changed, unchanged, untold] = [of('changed'), of('unchanged'), of('untold')];
  const told = changed + unchanged + untold;
  const parts = [
    `${changed} of ${told} measures ${changed === 1 ? 'differs' : 'differ'} from the dense network at some sparsity`,
    unchanged > 0 && `${unchanged} ${unchanged === 1 ? 'shows' : 'show'} no change`,
    untold > 0 && `${untold} cannot be told`,
  ];
  return `${parts.filter((part) => part !== false).join('; ')}.`;
}

/** `the primary scores (66 claims, 2 more untestable) and the sanity checks (8 claims)` */
export function familiesText(families: Claims['families']): string {
  return listed(
    families.map(({ family, size, untestable }) => {
      const more = untestable > 0 ? `, ${untestable} more untestable` : '';
      return `${familyText[family]} (${count(size, 'claim')}${more})`;
    }),
  );
}

function scopeOf({ claims, families }: Claims): string[] {
  const seeds = [...new Set(claims.map(({ comparison }) => comparison.seeds))];
  const most = Math.max(...seeds);
  const about =
    most === 1
      ? 'One training seed: every sentence is about these trained networks, and training again may give others.'
      : `${most} training seeds: the sentences are about networks trained like these, as far as so few can tell.`;
  return [
    about,
    `Differences are paired by sample, over ${imageSetText[claims[0]!.imageSet]}. A change is one whose ${percent(0.95)} interval ` +
      `leaves zero out and whose p, after Holm’s correction within its family, is at most 0.05: ${familiesText(families)}.`,
    ...controlsText(claims),
  ];
}

/** Which controls there are, and how to read them. */
function controlsText(claims: readonly Claim[]): string[] {
  const controls = claims.filter(({ question }) => question.against.kind === 'control');
  const matched = new Map(
    controls.map((claim) => [controlOf(claim), claim.question.seeds.every(({ reference }) => reference.isMatched)]),
  );
  if (matched.size === 0) return [];
  const named = [...matched].map(
    ([arm, isMatched]) => `\u201c${arm}\u201d is ${isMatched ? 'not pruned' : 'pruned otherwise'}`,
  );
  return [
    `Controls stand at the same level: ${listed(named)}. Where pruning differs from dense but not from a control, what the control did may be the cause.`,
  ];
}
