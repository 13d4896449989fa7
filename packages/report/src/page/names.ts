import { paperExplainer } from '../paper.ts';
import { percent } from './format.ts';

interface MetricText {
  readonly title: string;
  readonly short: string;
  /** What the number is and which way is up, in one sentence. */
  readonly meaning: string;
  readonly asPercent: boolean;
}

const known: Readonly<Record<string, MetricText>> = {
  accuracy: {
    title: 'Accuracy',
    short: 'Accuracy',
    meaning: 'Share of images whose largest logit is their label.',
    asPercent: true,
  },
  'cross-entropy': {
    title: 'Cross-entropy',
    short: 'Cross-entropy',
    meaning: 'Mean negative log-probability of the label, in nats; lower is better.',
    asPercent: false,
  },
  sparseness: {
    title: 'Sparseness of the maps (Gini index)',
    short: 'Gini',
    meaning: '0 when every pixel of a map has the same weight, near 1 when a few pixels hold all of it.',
    asPercent: false,
  },
  'road-aopc': {
    title: 'Faithfulness of the maps (ROAD, area over the curve)',
    short: 'ROAD AOPC',
    meaning:
      'How much accuracy falls when the most relevant pixels are imputed first: larger means that the pixels a map names matter more.',
    asPercent: false,
  },
};

/** Titles for the field's metrics; any other metric goes by its own name. */
export function metricText(metric: string): MetricText {
  const found = Object.hasOwn(known, metric) ? known[metric] : undefined;
  return found ?? { title: metric, short: metric, meaning: '', asPercent: false };
}

/** Metrics that have a place of their own, in the order of the page. */
export const knownMetrics = Object.keys(known);

const explainers = { vg: 'Vanilla Gradients', ig: 'Integrated Gradients' } as const;

/** Display names of explainer labels: the field's name where only one label has it, else the label as written. */
export function explainerNames(labels: readonly string[]): ReadonlyMap<string, string> {
  const distinct = [...new Set(labels)];
  const nameOf = (label: string) => {
    const paper = paperExplainer(label);
    return paper ? explainers[paper] : label;
  };
  return new Map(
    distinct.map((label) => {
      const name = nameOf(label);
      const shared = distinct.filter((other) => nameOf(other) === name).length > 1;
      return [label, shared && name !== label ? `${name} (${label})` : name];
    }),
  );
}

/** `70 %`, or what was counted and what was asked for where they disagree. */
export function levelName(counted: number | null, nominal: number | null, tolerance: number): string {
  if (counted === null) return nominal === null ? 'no sparsity' : `${percent(nominal)} (label)`;
  if (nominal === null) return percent(counted);
  if (Math.abs(counted - nominal) <= tolerance) return percent(nominal);
  return `${percent(counted)} (labelled ${percent(nominal)})`;
}
