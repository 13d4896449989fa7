import { group } from 'd3-array';
import type { Claims } from '../claims/claims.ts';
import { familyText } from '../claims/families.ts';
import { imageSets, imageSetText } from '../claims/image-sets.ts';
import { errorRate } from '../claims/judging.ts';
import { type Measure, measuresOf } from '../claims/measures.ts';
import { explainerName } from '../results/series.ts';
import { count, listed, percent } from '../text/numbers.ts';
import { failureClause } from './checks.ts';
import { leadOf } from './lead.ts';
import { cautionOf } from './level-words.ts';
import type { Phrase } from './phrases.ts';
import { type NameOf, type Sentence, sentencesOf } from './sentences.ts';

/** The answer of a run in words: what the page, `answer.md` and `results.json` say. */
export interface Answer {
  /** At most five sentences, the study's own question first. */
  readonly lead: readonly (readonly Phrase[])[];
  /** What to know before all else: models that are not what their labels say. Null where there are none. */
  readonly caution: string | null;
  /** What the sentences are about and how sure they are. */
  readonly scope: readonly string[];
  readonly aspects: readonly AspectAnswer[];
  readonly measures: readonly Measure[];
  readonly nameOf: NameOf;
}

/** What is said of the measures of one aspect. */
export interface AspectAnswer {
  readonly aspect: string;
  readonly sentences: readonly Sentence[];
  /** Of what is read beside the measures: nulls, diagnostics, other readings. */
  readonly companions: readonly Sentence[];
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
  const aspects = [...group(sentencesOf(measures, nameOf), ({ measure }) => measure.aspect)].map(
    ([aspect, sentences]): AspectAnswer => {
      const [companions, own] = [true, false].map((wanted) => sentences.filter((one) => isCompanion(one) === wanted));
      return { aspect, sentences: own!, companions: companions! };
    },
  );
  const caution = cautionOf(claims.claims);
  return {
    lead: leadOf(measures, nameOf, failureClause(claims.checks, explainers)),
    caution,
    scope: scopeOf(claims),
    aspects,
    measures,
    nameOf,
  };
}

function isCompanion({ measure: { main, others } }: Sentence): boolean {
  return (main ?? [...others.values()][0])?.family === 'companion';
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

/** `the endpoints (5 measures, 20 claims) and the sanity checks (2 measures, 8 claims, 1 of them untestable)` */
export function familiesText(families: Claims['families']): string {
  return listed(
    families.map(({ family, measures, claims, untestable, share }) => {
      const more = untestable > 0 ? `, ${untestable} of them untestable` : '';
      const part = share < 1 ? `, with ${percent(share)} of the error rate` : '';
      return `${familyText[family]} (${count(measures, 'measure')}, ${count(claims, 'claim')}${more}${part})`;
    }),
  );
}

/** `all images; of Energy, over images that …`: what claims are about, for measures that are about others their names. */
export function imageSetsText(claims: Claims['claims']): string {
  const found = [...group(claims, ({ imageSet }) => imageSet)];
  const [first, ...others] = found.sort(([a], [b]) => imageSets.indexOf(a) - imageSets.indexOf(b));
  const clauses = others.map(([set, own]) => {
    const names = [...new Set(own.map(({ question }) => question.words.name))];
    return `; of ${listed(names)}, over ${imageSetText[set]}`;
  });
  return `${imageSetText[first![0]]}${clauses.join('')}`; // a run with an answer has a claim
}

function scopeOf({ claims, families }: Claims): string[] {
  return [
    aboutText(claims),
    `Differences are paired by sample, over ${imageSetsText(claims)}. Intervals have an error rate of ${percent(errorRate)} over ` +
      `all measures of a family: ${familiesText(families)}. Different: the interval leaves zero out. Equivalent: it lies within the margin ` +
      'that the study or the metric fixed. Inconclusive: neither. A measure is judged by its trend over sparsity first, and its levels are ' +
      'findings only where the trend is one.',
    ...unitsText(claims),
  ];
}

function aboutText(claims: Claims['claims']): string {
  const seeded = claims.filter(({ replicates }) => replicates === 'seeds');
  const most = Math.max(1, ...seeded.map(({ comparison }) => comparison.seeds));
  return most === 1
    ? 'One training seed: every sentence is about these trained networks, and training again may give others.'
    : `${most} training seeds: the sentences are about networks trained like these, as far as so few can tell.`;
}

/** What was drawn: classes, or samples of these classes. */
function unitsText(claims: Claims['claims']): string[] {
  const grouped = claims.find(({ comparison }) => comparison.areGroups);
  const { units = 0 } = grouped?.comparison ?? {};
  return grouped
    ? [`Classes are drawn first, then images: ${count(units, 'class', 'classes')} stand for all classes like these.`]
    : [];
}
