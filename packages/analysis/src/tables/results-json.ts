import type { MissingInput, ReportInputs } from '@espalier/core';
import { ascending } from 'd3-array';
import type { Analysis } from '../analyse.ts';
import type { LevelResult } from '../results/over-seeds.ts';
import type { ScoreResult } from '../results/score-results.ts';
import { levelPosition } from '../study/levels.ts';
import type { ModelRecord } from '../study/models.ts';
import { answerJson, claimsJson, publishedJson, wordsJson } from './claims-json.ts';

/** The form of what is written: another one for every change that a reader of the last would stumble over. */
export const resultsFormat = 'espalier-results/v2';

/**
 * Everything a comparison needs, with a fixed order of keys: the same for equal results. When, where and by which command they were
 * computed is in the record of the run.
 */
export function resultsJson({ provenance, missing, images }: ReportInputs, analysis: Analysis): object {
  const { leftOut } = images;
  return {
    format: resultsFormat,
    ...sorted(provenance),
    explainers: Object.fromEntries(analysis.explainers),
    missing: missing.map(missingJson),
    caveats: analysis.caveats,
    version: analysis.version,
    answer: answerJson(analysis.answer),
    claims: claimsJson(analysis.claims),
    published: analysis.judged.map(publishedJson),
    ...(leftOut && { leftOut }),
    models: analysis.models.map(modelJson),
    scores: analysis.scores.map(scoreJson),
    levels: analysis.levels.map(levelJson),
    concepts: analysis.concepts,
    lineage: analysis.lineages.map(({ from, to, classes }) => ({ from, to, classes })),
  };
}

function missingJson({ origin, port, failed, code, text }: MissingInput): object {
  const { instance, node, use, labels } = origin;
  return { instance, node, use, labels: sorted(labels), port, failed, code, text };
}

function modelJson(model: ModelRecord): object {
  const { origin, summary, nominal, counted, labelHolds, seed } = model;
  const { architecture, digest, networkDigest, proof, history, numerics, selected } = summary;
  return {
    instance: origin.instance,
    node: origin.node,
    use: origin.use,
    labels: sorted(origin.labels),
    seed,
    architecture,
    digest,
    networkDigest,
    sparsity: { nominal, counted, ofAllParameters: proof.parameterSparsity, labelHolds, claim: proof.claim ?? null },
    maskDigest: proof.maskDigest,
    kernels: proof.kernels,
    numerics,
    history,
    selected: selected ?? null,
  };
}

function scoreJson(result: ScoreResult): object {
  const { origin, model, nominal, counted, explainer, metric, preset, role, direction, range } = result;
  const { sample, summary, isTiming, n, omitted, value, standardError, curve, draws } = result;
  return {
    instance: origin.instance,
    labels: sorted(origin.labels),
    model: model?.origin.instance ?? null,
    sparsity: { nominal, counted },
    explainer,
    metric,
    preset,
    role,
    direction,
    range,
    sample,
    summary,
    ...(isTiming && { isTiming }),
    n,
    omitted,
    value,
    standardError,
    curve,
    ...(draws && { draws }),
  };
}

function levelJson(level: LevelResult): object {
  const { metric, words, preset, variant, explainer, definition, nominal, counted } = level;
  const { value, half, lowest, highest } = level;
  return {
    metric,
    ...wordsJson(words),
    preset,
    variant,
    explainer,
    definition,
    ...(level.results[0]!.isTiming && { isTiming: true }),
    sparsity: { nominal, counted, position: levelPosition(level) },
    seeds: level.seeds,
    n: level.n,
    mean: value,
    half,
    lowest,
    highest,
    curve: level.curve,
    instances: level.results.map(({ origin }) => origin.instance),
  };
}

/** The same value with the keys of every object in order of code units. */
export function sorted(value: unknown): object {
  return sortKeys(value) as object; // callers pass objects, and sorting keeps them objects
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => ascending(a, b));
  return Object.fromEntries(entries.map(([key, item]) => [key, sortKeys(item)]));
}
