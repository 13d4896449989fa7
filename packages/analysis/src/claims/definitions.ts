import type { Settings } from '@espalier/core';
import { ascending } from 'd3-array';
import type { Question } from './questions.ts';
import type { ScoredSamples } from './scored-samples.ts';

/** A question asked once more with another definition of its metric. */
export interface Alternative {
  /** What differs from the definition of the claim, for example `noise=0, reduction=sum`. */
  readonly name: string;
  readonly settings: Settings;
  /** The question that it is asked of anew. */
  readonly question: Question;
  readonly pairs: readonly Sides<Values>[];
}

interface Values {
  readonly ids: readonly string[];
  readonly values: readonly number[];
}

/**
 * Every other definition under which both models of every seed were scored: those that the metric gives with its scores,
 * those on the study's definition axis, and the former of the latter.
 */
export function alternativesOf(question: Question, scores: readonly ScoredSamples[]): Alternative[] {
  const { pairs } = question;
  const first = pairs[0]!.treated;
  const labels = [...new Set(scores.filter((other) => sameSeries(first, other)).map(({ alternative }) => alternative))];
  const found = labels
    .sort((a, b) => ascending(a ?? '', b ?? ''))
    .flatMap((label) => {
      const rescored = pairs.map(({ treated, reference }) => ({
        treated: labelled(treated, label, scores),
        reference: labelled(reference, label, scores),
      }));
      return rescored.every(isComplete) ? [...asScored(label, first, rescored), ...free(label, first, rescored)] : [];
    });
  const distinct = new Map(found.map((alternative) => [alternative.name, alternative]));
  return [...distinct.values()].map((alternative) => ({ ...alternative, question }));
}

type Found = Omit<Alternative, 'question'>;

interface Sides<Side> {
  readonly treated: Side;
  readonly reference: Side;
}

function sameSeries(a: ScoredSamples, b: ScoredSamples): boolean {
  return a.metric === b.metric && a.explainer === b.explainer && a.rest === b.rest;
}

/** The same model's score under the definition `label`; itself for the default. */
function labelled(
  own: ScoredSamples,
  label: string | null,
  scores: readonly ScoredSamples[],
): ScoredSamples | undefined {
  if (label === null) return own;
  return scores.find(
    (other) =>
      sameSeries(own, other) &&
      other.alternative === label &&
      other.level === own.level &&
      other.arm === own.arm &&
      other.seed === own.seed &&
      other.draw === own.draw,
  );
}

function isComplete<Side>(pair: Sides<Side | undefined>): pair is Sides<Side> {
  return pair.treated !== undefined && pair.reference !== undefined;
}

/** The definition of a label itself; nothing for the default, which is the claim's own. */
function asScored(label: string | null, first: ScoredSamples, pairs: readonly Sides<ScoredSamples>[]): Found[] {
  if (label === null) return [];
  const settings = changed(pairs[0]!.treated.settings, first.settings);
  const isKnown = Object.keys(first.settings).length > 0;
  if (isKnown && Object.keys(settings).length === 0) return []; // another label for the claim's own definition
  return [{ name: settingsText(settings) || label, settings, pairs }];
}

/** The definitions that came with the scores of `label`. */
function free(label: string | null, first: ScoredSamples, pairs: readonly Sides<ScoredSamples>[]): Found[] {
  return pairs[0]!.treated.definitions.flatMap(({ settings }) => {
    const of = ({ ids, definitions }: ScoredSamples) => {
      const values = definitions.find((other) => settingsText(other.settings) === settingsText(settings))?.values;
      return values && { ids, values };
    };
    const found = pairs.map(({ treated, reference }) => ({ treated: of(treated), reference: of(reference) }));
    const all = changed({ ...pairs[0]!.treated.settings, ...settings }, first.settings);
    const name = settingsText(all);
    // with the axis' change undone by the metric's, this is the claim's own definition again
    if (name === '' || !found.every(isComplete<Values>)) return [];
    const own = label !== null && name === settingsText(settings) ? `${label}, ${name}` : name;
    return [{ name: own, settings: all, pairs: found }];
  });
}

function changed(settings: Settings, from: Settings): Settings {
  return Object.fromEntries(Object.entries(settings).filter(([name, value]) => from[name] !== value));
}

/** `noise=0, reduction=sum`, by name. */
export function settingsText(settings: Settings): string {
  return Object.keys(settings)
    .sort(ascending)
    .map((name) => `${name}=${settings[name]}`)
    .join(', ');
}
