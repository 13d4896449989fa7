import type { LeftOut, Provenance } from '@espalier/core';
import type { Claims } from '../claims/claims.ts';
import { answerJson, claimsJson } from '../claims/claims-json.ts';
import type { Answer } from '../claims/wording.ts';
import { compareText } from './axes.ts';
import type { ConceptResult } from './concepts.ts';
import { type LineageResult, lineageJson } from './lineage.ts';
import type { ModelRecord } from './models.ts';
import type { LevelResult } from './over-seeds.ts';
import type { ScoreResult } from './score-results.ts';

export interface ResultsParts {
  readonly provenance: Provenance;
  readonly models: readonly ModelRecord[];
  readonly scores: readonly ScoreResult[];
  readonly levels: readonly LevelResult[];
  readonly claims: Claims;
  readonly answer: Answer | null;
  readonly concepts: readonly ConceptResult[];
  readonly lineages: readonly LineageResult[];
  /** Images that the dataset left out, since its options allow that. */
  readonly leftOut?: readonly LeftOut[] | undefined;
}

/**
 * Everything a comparison needs, as JSON with a fixed order of keys. Only `run` (last) says when and where the
 * study ran: the rest is equal for equal results.
 */
export function writeResultsJson(parts: ResultsParts): Uint8Array {
  const { provenance, models, scores, levels, claims, answer, concepts, lineages, leftOut } = parts;
  const { startedAt, command, node, platform, ...origin } = provenance;
  const results = {
    format: 'espalier-results/v1',
    ...sorted(origin),
    answer: answerJson(answer),
    claims: claimsJson(claims),
    ...(leftOut && { leftOut }),
    models: models.map(modelJson),
    scores: scores.map(scoreJson),
    levels: levels.map(levelJson),
    concepts,
    lineage: lineages.map(lineageJson),
    run: { startedAt, command, node, platform },
  };
  return new TextEncoder().encode(`${JSON.stringify(results, null, 2)}\n`);
}

function modelJson(model: ModelRecord): object {
  const { origin, summary, nominal, counted, labelHolds, seed } = model;
  const { architecture, digest, proof, history, numerics, selected } = summary;
  return {
    instance: origin.instance,
    node: origin.node,
    use: origin.use,
    labels: sorted(origin.labels),
    seed,
    architecture,
    digest,
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
  const { sample, summary, n, omitted, value, standardError, curve } = result;
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
    n,
    omitted,
    value,
    standardError,
    curve,
  };
}

function levelJson(level: LevelResult): object {
  const { metric, preset, variant, explainer, definition, nominal, counted, value, lowest, highest } = level;
  return {
    metric,
    preset,
    variant,
    explainer,
    definition,
    sparsity: { nominal, counted },
    seeds: level.seeds,
    n: level.n,
    mean: value,
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
  const entries = Object.entries(value).sort(([a], [b]) => compareText(a, b));
  return Object.fromEntries(entries.map(([key, item]) => [key, sortKeys(item)]));
}
