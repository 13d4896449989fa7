import { methodSources } from '@espalier/numerics';
import type { Claim, Claims } from '../claims/claims.ts';
import type { Answer } from '../words/answer.ts';
import { plainText, type Sentence, whyUntold } from '../words/sentences.ts';

/** The claims of a run as JSON: numbers, how they were found, and the words made of them. */
export function claimsJson({ claims, families, resamples, seed }: Claims): object {
  const methods = [...new Set(claims.map(({ comparison }) => comparison.method))].sort();
  return {
    correction: 'Holm (1979), over the claims of a family',
    families,
    bootstrap: { resamples, seed },
    methods: Object.fromEntries(methods.map((method) => [method, methodSources[method]])),
    claims: claims.map(claimJson),
  };
}

function claimJson(claim: Claim): object {
  const { id, question, family, imageSet, comparison, means, adjusted, verdict, elsewhere, definitions } = claim;
  const { treated } = question.seeds[0]!;
  const { difference, interval, p, method, n, seeds, standardised, higher, lower, dominance } = comparison;
  return {
    id,
    family,
    aspect: treated.aspect,
    metric: question.metric,
    preset: treated.preset,
    settings: treated.settings,
    explainer: treated.explainer,
    labels: treated.rest,
    level: question.level,
    arm: question.arm,
    against: question.against,
    imageSet,
    ...{ n, seeds, sample: treated.sample, direction: treated.direction },
    ...{ mean: means.treated, reference: means.reference, difference, interval, p, adjusted, method, verdict },
    ...(verdict === 'cannot-tell' && { whyUntold: whyUntold(claim) }),
    effect: { standardised, dominance, higher, lower },
    imageSets: elsewhere.map(({ imageSet: set, comparison: other }) => ({
      imageSet: set,
      n: other.n,
      difference: other.difference,
      interval: other.interval,
    })),
    definitions: {
      others: definitions.length,
      sameSign: definitions.filter(({ sameSign }) => sameSign).length,
      results: definitions.map(({ name, ...rest }) => ({ definition: name, ...rest })),
    },
    instances: question.seeds.map(({ treated: own, reference }) => ({
      treated: own.instance,
      reference: reference.instance,
    })),
  };
}

/** The answer as JSON: every sentence with the claims that it stands on. */
export function answerJson(answer: Answer | null): object | null {
  if (!answer) return null;
  const claimsOf = (phrases: Parameters<typeof plainText>[0]) => [
    ...new Set(phrases.flatMap((phrase) => ('claim' in phrase ? phrase.claim : []))),
  ];
  const sentenceJson = ({ outcome, name, preset, phrases }: Sentence) => ({
    ...{ outcome, measure: name, preset },
    text: plainText(phrases),
    claims: claimsOf(phrases),
  });
  return {
    summary: answer.summary,
    caution: answer.caution,
    scope: answer.scope,
    aspects: answer.aspects.map(({ aspect, lines, sentences, companions }) => ({
      aspect,
      answer: lines.map(({ outcome, phrases }) => ({ outcome, text: plainText(phrases), claims: claimsOf(phrases) })),
      sentences: sentences.map(sentenceJson),
      companions: companions.map(sentenceJson),
    })),
  };
}
