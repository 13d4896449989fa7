import type { ScoreWords } from '@espalier/core';
import { ascending } from 'd3-array';
import { conceptMetrics } from './concept-names.ts';
import { controlMetrics } from './control-names.ts';

export interface MetricText {
  readonly title: string;
  readonly short: string;
  /** What the number is and which way is up, in one sentence. */
  readonly meaning: string;
  /** What the points of its curve are. */
  readonly curve: string;
  readonly asPercent: boolean;
  /** Behind a number; empty for percentages and for numbers that stand alone. */
  readonly unit?: string;
}

/** A score by its metric, and in the metric's own words where it has any. */
export interface Named {
  readonly metric: string;
  readonly words: ScoreWords | null;
}

const known: Readonly<Record<string, MetricText>> = {
  accuracy: {
    title: 'Accuracy',
    short: 'Accuracy',
    meaning: 'Share of images whose largest logit is their label.',
    curve: 'accuracy',
    asPercent: true,
  },
  'cross-entropy': {
    title: 'Cross-entropy',
    short: 'Cross-entropy',
    meaning: 'Mean negative log-probability of the label, in nats; lower is better.',
    curve: 'cross-entropy',
    asPercent: false,
  },
  sparseness: {
    title: 'Sparseness of the maps (Gini index)',
    short: 'Gini index',
    meaning: '0 when every pixel of a map has the same weight, near 1 when a few pixels hold all of it.',
    curve: 'Gini index',
    asPercent: false,
  },
  'road-aopc': {
    title: 'Faithfulness of the maps (ROAD, area over the curve)',
    short: 'ROAD AOPC',
    meaning:
      'How much accuracy falls when the most relevant pixels are imputed first: larger means that the pixels a map names matter more.',
    curve: 'accuracy',
    asPercent: false,
  },
  'road-probability-aopc': {
    title: 'Faithfulness of the maps (ROAD on probabilities)',
    short: 'ROAD AOPC, probability',
    meaning: 'As ROAD AOPC, with the probability of the class in place of a hit: it moves before the class changes.',
    curve: 'probability',
    asPercent: false,
  },
  ...controlMetrics,
  ...conceptMetrics,
};

/** The metric's own words; else those for the field's metrics; else its name. */
export function metricText({ metric, words }: Named): MetricText {
  if (words) {
    const { name, meaning, unit = '' } = words;
    const asPercent = unit === '%';
    return { title: name, short: name, meaning, curve: 'mean', asPercent, unit: asPercent ? '' : unit };
  }
  const found = Object.hasOwn(known, metric) ? known[metric] : beyondNull(metric);
  return found ?? { title: metric, short: metric, meaning: '', curve: 'mean over images', asPercent: false };
}

const minusNull = '-minus-null';

/** A score minus that of concepts that nothing was learned for. */
function beyondNull(metric: string): MetricText | undefined {
  const of = metric.slice(0, -minusNull.length);
  if (!metric.endsWith(minusNull) || !Object.hasOwn(known, of)) return undefined;
  const { title, short, curve, asPercent } = known[of]!;
  const words = (name: string) => `${name}, minus a random dictionary\u2019s`;
  return {
    ...{ title: words(title), short: words(short), curve, asPercent },
    meaning: 'The same with what random directions score taken off: 0 where nothing was learned.',
  };
}

/** Metrics that have a place of their own, in the order of the page. */
export const knownMetrics = Object.keys(known);

const explainers = [
  { name: 'Vanilla Gradients', label: /^(saliency|vanilla|vg)\b/i },
  { name: 'Integrated Gradients', label: /^(integrated-gradients|ig)\b/i },
];

/** Display names of explainer labels, in the order of the page: the field's name where only one label has it, else the label as written. */
export function explainerNames(labels: readonly string[]): ReadonlyMap<string, string> {
  const known = (label: string) => explainers.findIndex((one) => one.label.test(label.split('/').at(-1)!));
  const place = (label: string) => (known(label) < 0 ? explainers.length : known(label));
  const distinct = [...new Set(labels)].sort((a, b) => place(a) - place(b) || ascending(a, b));
  const fieldName = (label: string) => explainers[known(label)]?.name ?? label;
  return new Map(
    distinct.map((label) => {
      const name = fieldName(label);
      const shared = distinct.filter((other) => fieldName(other) === name).length > 1;
      return [label, shared && name !== label ? `${name} (${label})` : name];
    }),
  );
}
