import {
  apartFindings,
  defineMetric,
  evidenceIn,
  type Measurement,
  omitted,
  placesOf,
  type ScoreWords,
  type Split,
  StudyError,
  type TruthRegion,
} from '@espalier/core';
import { mean } from '@espalier/numerics';
import * as z from 'zod';
import { againstNull } from './against-null.ts';
import { enlargedMap } from './enlarged-map.ts';
import { classNameOf, nullBanksOf } from './inputs.ts';
import { polesOf } from './poles.ts';
import { areaUnderCurve, overlap, rankMap } from './ranked-map.ts';
import { inImagesOf, type ScoredBank, scoredPart } from './scored-part.ts';

const metric = 'recovery';

/**
 * Whether concepts are where the data has them: maps against the exact masks of planted concepts.
 * @example "scores": { "use": "quality/recovery", "in": { "images": …, "concepts": … } }
 */
export const recovery = defineMetric({
  name: metric,
  cacheVersion: '4',
  usesSeed: false,
  source: {
    title: 'Bau et al. (2017), Network Dissection: Quantifying Interpretability of Deep Visual Representations',
    url: 'https://arxiv.org/abs/1704.05796',
    departures: [
      'exact masks of what the data planted, and concepts instead of units',
      'a map must tell a planted concept from the other planted ones too: one that marks whatever is planted recovers nothing',
      'the best concept is chosen on one half of the images and measured on the other, both ways round, so that trying many concepts does not help; both are halves of the images that the concepts were not learned from',
      'the strongest pixels, as many as the mask has, instead of a threshold over the whole set; and the area under the ROC curve, which needs none',
    ],
  },
  options: z.strictObject({
    recoveredAt: z
      .number()
      .gt(0.5)
      .lte(1)
      .default(0.8)
      .describe('specific area under the ROC curve from which a planted concept counts as recovered'),
  }),
  inputs: ['images', 'concepts'],
  optionalInputs: ['nullConcepts'],
  check: (_, known) => [
    ...apartFindings(known),
    ...(known.images?.regions?.length === 0 ? [{ path: [], text: withoutTruth('what is on the input "images"') }] : []),
  ],
  create: ({ recoveredAt }, services) => ({
    async measure({ images, concepts, nullConcepts }) {
      if (!images.truth) throw new StudyError('core/not-supported', withoutTruth(`the split "${images.name}"`));
      const found: Recovered[] = [];
      const few: string[] = [];
      const none: string[] = [];
      const nulls: (readonly (readonly Recovered[])[])[] = [];
      for (const bank of concepts.map(scoredPart)) {
        services.signal.throwIfAborted();
        const own = await recoveredBy(bank, images);
        found.push(...own.recovered);
        few.push(...own.few);
        if (own.recovered.length + own.few.length === 0) none.push(classNameOf(bank, images));
        if (!nullConcepts) continue;
        const draws = nullBanksOf(nullConcepts, bank).map(async (draw) => {
          return (await recoveredBy(inImagesOf(draw, bank, metric), images)).recovered;
        });
        nulls.push(await Promise.all(draws));
      }
      // Every draw of a class has the same planted concepts in the same order.
      const nullMeans = (of: (one: Recovered) => number) =>
        nulls.flatMap((draws) => draws[0]!.map((_, i) => mean(draws.map((draw) => of(draw[i]!)))));
      const scores = (name: keyof typeof words, of: (one: Recovered) => number): readonly Measurement[] =>
        againstNull({
          ...{ metric: name, direction: 'higher-is-better', range: [0, 1], sample: 'concept' },
          words: words[name],
          role: name === 'concept-recovery-auc' ? 'primary' : 'companion',
          ids: found.map(({ id }) => id),
          sharedFits: found.map(({ fit }) => fit),
          values: found.map(of),
          ...omitted([
            { reason: 'fewer than two images show it, of which one chooses and one measures', ids: few },
            { reason: 'the images show no region', ids: none },
          ]),
          nullValues: nullConcepts && nullMeans(of),
        });
      return [
        ...scores('concept-recovery-auc', ({ area }) => area),
        ...scores('concept-recovery-specific-auc', ({ specificArea }) => specificArea),
        ...scores('concept-recovery-iou', ({ overlap }) => overlap),
        ...scores('concept-recovered', ({ specificArea }) => Number(specificArea >= recoveredAt)),
      ];
    },
  }),
});

const words = {
  'concept-recovery-auc': {
    name: 'Recovery: area under the ROC curve',
    meaning: 'How well the best concept finds a planted one, against all other pixels.',
  },
  'concept-recovery-specific-auc': {
    name: 'Recovery: specific area',
    meaning: 'How well the best concept finds a planted one, also against the other planted ones.',
  },
  'concept-recovery-iou': { name: 'Recovery: overlap', meaning: 'Intersection over union with planted masks.' },
  'concept-recovered': {
    name: 'Planted concepts recovered',
    meaning: 'Share of planted concepts found with a large specific area.',
    unit: '%',
  },
} as const satisfies Readonly<Record<string, ScoreWords>>;

/** How well the best concept for a planted one finds it, by each measure. */
interface Recovered {
  /** `<class>: <planted concept>` */
  readonly id: string;
  /** The class, whose planted concepts are sought among the same found ones. */
  readonly fit: string;
  /** Area under the ROC curve of the planted concept against all other pixels. */
  readonly area: number;
  /** The same, or that against the other planted concepts alone: whichever is less, image by image. */
  readonly specificArea: number;
  readonly overlap: number;
}

/** A planted concept in the images of a bank that show it: for each such image, a value of every concept found. */
type Tried = Readonly<Record<Exclude<keyof Recovered, 'id' | 'fit'>, number[][]>>;

interface RecoveredOfClass {
  readonly recovered: readonly Recovered[];
  /** Planted concepts that fewer than two images show: none is left to measure on. */
  readonly few: readonly string[];
}

async function recoveredBy(bank: ScoredBank, images: Split): Promise<RecoveredOfClass> {
  const name = classNameOf(bank, images);
  const tried = [...(await tryConcepts(bank, images))].map(([planted, values]) => ({
    id: `${name}: ${planted}`,
    values,
  }));
  const recovered = tried.filter(({ values }) => values.area.length > 1);
  return {
    recovered: recovered.map(({ id, values }) => ({
      ...{ id, fit: name },
      area: ofBestConcept(values.area),
      specificArea: ofBestConcept(values.specificArea),
      overlap: ofBestConcept(values.overlap),
    })),
    few: tried.filter(({ values }) => values.area.length < 2).map(({ id }) => id),
  };
}

async function tryConcepts(bank: ScoredBank, images: Split): Promise<ReadonlyMap<string, Tried>> {
  const { height, width } = images;
  const tried = new Map<string, Tried>();
  for (const [n, place] of placesOf(bank.ids, images, metric, 'extractor').entries()) {
    const regions = evidenceIn((await images.truth?.(place)) ?? []);
    const enlarged = Array.from({ length: bank.dictionary.shape[0]! }, (_, r) =>
      enlargedMap(bank, { n, r }, height, width),
    );
    const maps = polesOf(bank).flatMap((sign) =>
      enlarged.map((map) => rankMap(sign === 1 ? map : map.map((value) => -value))),
    );
    for (const { name, mask } of regions) {
      const rest = mask.map((inside) => 1 - inside);
      const areas = maps.map((map) => areaUnderCurve(map, mask, rest));
      if (areas.includes(null)) continue; // nothing of it can be seen in this image
      const others = unionOf(regions.filter((other) => other.name !== name)).map((inside, i) => inside & rest[i]!);
      const entry = tried.get(name) ?? { area: [], specificArea: [], overlap: [] };
      entry.area.push(areas.map(Number));
      entry.specificArea.push(maps.map((map, r) => Math.min(areas[r]!, areaUnderCurve(map, mask, others) ?? 1)));
      entry.overlap.push(maps.map((map) => overlap(map, mask)));
      tried.set(name, entry);
    }
  }
  return tried;

  function unionOf(regions: readonly TruthRegion[]): Uint8Array {
    const union = new Uint8Array(height * width);
    for (const { mask } of regions) for (let i = 0; i < union.length; i++) union[i]! |= mask[i]!;
    return union;
  }
}

/**
 * The value of the concept that is best on every other image, over the images between; and the other way round. The
 * mean of both.
 *
 * @param values for each image a value of every concept; two images or more
 */
export function ofBestConcept(values: readonly (readonly number[])[]): number {
  const halves = [0, 1].map((half) => values.filter((_, n) => n % 2 === half));
  return mean(halves.map((half, i) => columnMean(halves[1 - i]!, bestColumn(half))));
}

function bestColumn(rows: readonly (readonly number[])[]): number {
  const means = rows[0]!.map((_, column) => columnMean(rows, column));
  return means.reduce((best, value, column) => (value > means[best]! ? column : best), 0);
}

function columnMean(rows: readonly (readonly number[])[], column: number): number {
  return mean(rows.map((row) => row[column]!));
}

function withoutTruth(split: string): string {
  return (
    `Recovery holds concepts against the regions that the data names: expected regions in ${split}, found ` +
    'a split without ground truth. Use it with data that has them, such as data-planted.'
  );
}
