import { createFrom, type MissingInput, plainServices, type ReportInputs } from '@espalier/core';
import { toyLabel } from '@espalier/core/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { report } from '../src/report.ts';
import { entry, fixtureInputs } from './study-fixture.ts';

const inputs = fixtureInputs({ levels: [0, 0.5], imagesPerClass: 2, size: 32 });

async function textsOf(changed: ReportInputs) {
  const files = await (await createFrom(report, { galleryImages: 0 }, plainServices())).write(changed);
  const text = (name: string) => Buffer.from(files.get(name)!).toString('utf8');
  return {
    page: text('report.html'),
    answer: text('answer.md'),
    json: JSON.parse(text('results.json')),
    claims: text('claims.csv'),
  };
}

type Texts = Awaited<ReturnType<typeof textsOf>>;

describe('a run in which something failed', () => {
  const [gone] = inputs.scores.filter(({ origin }) => origin.node === 'road');
  const missing: MissingInput = {
    ...{ origin: gone!.origin, port: 'scores', failed: 'explain[seed=0]' },
    ...{ code: 'runner/timed-out', text: 'It took <longer> than 6 h.' },
  };
  let texts: Texts;
  beforeAll(async () => {
    texts = await textsOf({ ...inputs, scores: inputs.scores.filter((one) => one !== gone), missing: [missing] });
  });

  test('says what is missing and why before all else', () => {
    const headline = '1 result is missing, because 1 instance failed.';
    for (const text of [texts.page, texts.answer]) {
      expect(text).toContain(headline);
      expect(text).toContain(gone!.origin.instance.split('[')[0]);
    }
    expect(texts.page).toContain(
      'explain[seed=0] failed [runner/timed-out]: It took &lt;longer&gt; than 6 h. Without it, there is no road[',
    );
    expect(texts.page.indexOf(headline)).toBeLessThan(texts.page.indexOf('class="lead"'));
    expect(texts.json.missing).toEqual([
      expect.objectContaining({ instance: gone!.origin.instance, code: 'runner/timed-out' }),
    ]);
  });
});

describe('a score that no sample has', () => {
  const reason = 'the map of the unchanged model is constant';
  let texts: Texts;
  beforeAll(async () => {
    const scores = inputs.scores.map(({ origin, load }) => {
      if (origin.node !== 'gini' || origin.labels.sparsity !== 0.5) return { origin, load };
      return entry(origin.node, origin.use, origin.labels, () => [
        {
          ...{
            metric: 'sparseness',
            words: { name: 'Gini index', meaning: 'Sparseness.' },
            label: toyLabel('sparseness'),
            role: 'primary' as const,
            preset: 'corrected',
            aspect: 'sparseness' as const,
            direction: 'higher-is-better' as const,
          },
          ...{ range: [0, 1] as const, sample: 'image' as const, ids: [], values: [], summary: 'mean' as const },
          omitted: [{ reason, ids: inputs.images.ids }],
        },
      ]);
    });
    texts = await textsOf({ ...inputs, scores });
  });

  test('is listed with its reason, in the answer and among the claims', () => {
    expect(texts.page).toContain('2 scores without a value on any sample.');
    expect(texts.page).toContain(`inconclusive at 50\u202f%</a>: no sample has a value (${reason})`);
    expect(texts.claims).toContain(`no sample has a value (${reason})`);
    const empty = texts.json.scores.filter(({ value }: { value: number | null }) => value === null);
    expect(empty).toHaveLength(2);
    for (const score of empty)
      expect(score).toMatchObject({ n: 0, omitted: [{ reason, count: inputs.images.ids.length }] });
    expect(`${texts.page}${texts.answer}`).not.toContain('NaN');
  });
});

describe('labels that are no replicates', () => {
  const twoSeeds = fixtureInputs({ levels: [0, 0.5], seeds: [0, 1], imagesPerClass: 4, size: 32 });
  const oneNetwork = twoSeeds.models.map(({ origin, load }) => ({
    origin,
    load: async () => ({ ...(await load()), networkDigest: `at ${origin.labels.sparsity}` }),
  }));

  test('one network under two seeds is said to be one, and counts once', async () => {
    const { answer, json } = await textsOf({ ...twoSeeds, models: oneNetwork });
    expect(answer).toContain('One training seed');
    expect(json.caveats[0]).toBe(
      'The axis \u201cseed\u201d labels one network several times: prune[seed=0,sparsity=0] and prune[seed=1,sparsity=0]; ' +
        'prune[seed=0,sparsity=0.5] and prune[seed=1,sparsity=0.5]. They count once, and say nothing of how training varies.',
    );
    for (const { replicates } of json.claims.claims) expect(replicates).toEqual({ are: 'seeds', count: 1 });
    for (const { seeds } of json.levels) expect(seeds).toBe(1);
  });

  test('two networks are two seeds', async () => {
    const { answer, json } = await textsOf(twoSeeds);
    expect(answer).toContain('2 training seeds');
    expect(json.caveats).toEqual([]);
  });
});

test('an axis that no claim compares is named, with how to compare', async () => {
  const arms = fixtureInputs({ levels: [0, 0.5], arms: ['global', 'layerwise'], imagesPerClass: 2, size: 32 });
  const scope = <Value extends { readonly origin: ReportInputs['models'][number]['origin'] }>(list: readonly Value[]) =>
    list.map((one) => {
      const { arm, ...labels } = one.origin.labels;
      return { ...one, origin: { ...one.origin, labels: { ...labels, scope: arm! } } };
    });
  const { page, answer } = await textsOf({
    ...arms,
    models: scope(arms.models),
    scores: scope(arms.scores),
    attributions: [],
    concepts: [],
  });
  for (const text of [page, answer]) {
    expect(text).toContain('axis \u201cscope\u201d (global, layerwise), which no claim compares');
    expect(text).toContain('armAxis');
  }
});
