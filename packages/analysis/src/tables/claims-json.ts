import type { ScoreWords } from '@espalier/core';
import { methodSources } from '@espalier/numerics';
import type { Check } from '../claims/checks.ts';
import type { Claim, Claims } from '../claims/claims.ts';
import { definitionCounts } from '../claims/definition-results.ts';
import type { JudgedClaim } from '../claims/published-claims.ts';
import type { Answer } from '../words/answer.ts';
import { type Phrase, plainText } from '../words/phrases.ts';
import type { Sentence } from '../words/sentences.ts';

/** The claims of a run as JSON: numbers, how they were found, and what they come to. */
export function claimsJson({ claims, families, checks, resamples, seed }: Claims): object {
  const used = [...claims.map(({ comparison }) => comparison), ...checks.map(({ estimate }) => estimate)];
  const methods = [...new Set(used.map(({ method }) => method))].sort();
  return {
    correction:
      'measures of a family share its error rate equally; a measure is judged by its trend, then by its levels, which are covered at once',
    families,
    bootstrap: { resamples, seed },
    methods: Object.fromEntries(methods.map((method) => [method, methodSources[method]])),
    claims: claims.map(claimJson),
    checks: checks.map(checkJson),
  };
}

function checkJson(check: Check): object {
  const { words: _, rest, estimate, judged, ...own } = check;
  const { method, n, units, seeds, draws } = estimate;
  const { adjusted, isBound, detectable } = judged;
  const replicates = { are: own.replicates, count: seeds, ...(draws > 0 && { sharedDraws: draws }) };
  return { ...own, labels: rest, ...{ n, units, replicates, method, detectable }, adjusted: { p: adjusted, isBound } };
}

function claimJson(claim: Claim): object {
  const { id, question, place, family, imageSet, comparison, means, elsewhere, definitions } = claim;
  const { interval, adjusted, isBound, detectable, margin, verdict, why, replicates } = claim;
  const { treated } = question.pairs[0]!;
  const { difference, p, method, n, units, seeds, draws, standardised, higher, lower, dominance } = comparison;
  return {
    ...{ id, family, place },
    aspect: treated.aspect,
    metric: question.metric,
    ...wordsJson(question.words),
    preset: treated.preset,
    settings: treated.settings,
    explainer: treated.explainer,
    labels: treated.rest,
    arm: question.arm,
    against: question.against,
    imageSet,
    ...{ n, units, replicates: { are: replicates, count: seeds, ...(draws > 0 && { sharedDraws: draws }) } },
    ...{ sample: treated.sample, direction: treated.direction },
    ...{ mean: means?.treated ?? null, reference: means?.reference ?? null },
    ...{ difference, interval, margin, detectable, verdict, why, method },
    pointwise: { interval: comparison.interval, p, isBound: comparison.isBound },
    adjusted: { p: adjusted, isBound },
    effect: { standardised, dominance, higher, lower },
    imageSets: elsewhere.map(({ imageSet: set, comparison: other }) => ({
      imageSet: set,
      n: other.n,
      difference: other.difference,
      interval: other.interval,
    })),
    definitions: {
      ...definitionCounts(claim),
      results: definitions.map(({ name, ...rest }) => ({ definition: name, ...rest })),
    },
    instances: question.pairs.map(({ treated: own, reference }) => ({
      treated: own.instance,
      reference: reference.instance,
    })),
  };
}

/** What others claim as JSON, with the claims that speak for it and against it. */
export function publishedJson({ published, where, asPublished, besideControl }: JudgedClaim): object {
  const ids = (claims: readonly Claim[]) => claims.map(({ id }) => id);
  const found = ({ outcome, supporting, contradicting, asked }: JudgedClaim['asPublished']) => {
    return { outcome, supporting: ids(supporting), contradicting: ids(contradicting), asked: ids(asked) };
  };
  const beside = besideControl && { control: besideControl.control, ...found(besideControl) };
  return { ...published, where, found: found(asPublished), besideControl: beside };
}

/** How a score is called, and what stands behind its number; a unit of `%` says that it is a fraction. */
export function wordsJson({ name, unit }: ScoreWords): object {
  return { name, unit: unit ?? null };
}

/** The answer as JSON: every sentence with the claims that it stands on. */
export function answerJson(answer: Answer | null): object | null {
  if (!answer) return null;
  const said = (phrases: readonly Phrase[]) => ({
    text: plainText(phrases),
    claims: [...new Set(phrases.flatMap((phrase) => ('claim' in phrase ? phrase.claim : [])))],
  });
  const sentenceJson = ({ outcome, name, measure, phrases }: Sentence) => ({
    ...{ outcome, measure: name, preset: measure.preset },
    ...said(phrases),
  });
  return {
    lead: answer.lead.map(said),
    caution: answer.caution,
    scope: answer.scope,
    aspects: answer.aspects.map(({ aspect, sentences, companions }) => ({
      aspect,
      sentences: sentences.map(sentenceJson),
      companions: companions.map(sentenceJson),
    })),
  };
}
