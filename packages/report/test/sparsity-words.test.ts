import { type CheckedClaim, createFrom, type ModelSummary, plainServices } from '@espalier/core';
import { report } from '@espalier/report';
import { describe, expect, test } from 'vitest';
import { fixtureInputs } from './study-fixture.ts';

const few = { galleryImages: 0, conceptsPerClass: 1, topCrops: 0, conceptMaps: 0 };
const enforced: CheckedClaim = {
  nominal: 0.7,
  preset: 'doe-2024',
  considered: ['conv1.weight', 'bn1.weight'],
  weights: 11_180_000,
  removed: 0.7,
  counted: 0.7,
  held: true,
  rounds: 1,
};

/** Page and results of a study whose 70 % models carry `change`. */
async function written(change: (summary: ModelSummary) => ModelSummary) {
  const inputs = fixtureInputs({ size: 24, imagesPerClass: 2, levels: [0, 0.7] });
  const models = inputs.models.map((model) =>
    model.origin.labels.sparsity === 0.7 ? { ...model, load: async () => change(await model.load()) } : model,
  );
  const files = await (await createFrom(report, few, plainServices())).write({ ...inputs, models });
  const text = (name: string) => new TextDecoder().decode(files.get(name));
  return { page: text('report.html').replaceAll('\u202f', ' '), results: JSON.parse(text('results.json')) };
}

const claiming = (changes: Partial<CheckedClaim>) =>
  written((summary) => ({ ...summary, proof: { ...summary.proof, claim: { ...enforced, ...changes } } }));

describe('the proof section says in words', () => {
  test('that a model labelled 70 % is dense', async () => {
    const { page, results } = await claiming({ held: false, counted: 0.00001, removed: 0.224, rounds: 29 });
    expect(page).toContain(
      'is labelled <strong>70 %</strong> and <strong>is dense</strong>. Its masks removed 22.4 % of the 11,180,000 weights that its pruner considered by round 29, once, and were not enforced; as evaluated, <strong>0 %</strong> of them are zero.',
    );
    expect(page).toContain('<strong>1 model is not as sparse as labelled.</strong>');
    expect(page).toContain('<code class="preset">doe-2024</code><span class="sub">22.4 %, not enforced</span>');
    expect(results.models[1].sparsity).toMatchObject({ labelHolds: false, claim: { held: false, rounds: 29 } });
  });

  test('to what a model regrew', async () => {
    const { page } = await claiming({ held: false, counted: 0.123, removed: 0.7 });
    expect(page).toContain('is labelled <strong>70 %</strong> and <strong>regrew to 12.3 %</strong>.');
  });

  test('that masks were not enforced, also where nothing has regrown', async () => {
    const { page } = await claiming({ held: false });
    expect(page).toContain('nothing has regrown: 70 % of them are zero.');
    expect(page).not.toContain('not as sparse as labelled');
  });

  test('nothing, where enforced masks are what the label says of the weights considered', async () => {
    const { page } = await claiming({});
    expect(page).not.toContain('is labelled');
    expect(page).toContain('<span class="sub">70 %, enforced</span>');
  });

  test('that enforced masks are not what the label says', async () => {
    const { page } = await claiming({ counted: 0.931, removed: 0.931 });
    expect(page).toContain(
      'is labelled <strong>70 %</strong>; counted, <strong>93.1 %</strong> of the weights that its pruner considered are zero.',
    );
  });
});

test('a label is held against the kernels considered, not against those that the pruner left alone', async () => {
  const exclude = await written((summary) => ({
    ...summary,
    proof: { ...summary.proof, kernelSparsity: 0.6, claim: enforced },
  }));
  expect(exclude.page).not.toContain('not as sparse as labelled');
  expect(exclude.results.models[1].sparsity).toMatchObject({ counted: 0.6, labelHolds: true });
});

test('an epoch chosen on the images of the evaluation is called a leak', async () => {
  const choosing = (split: string) =>
    written((summary) => ({
      ...summary,
      selected: { split, epoch: 4, epochs: 30, accuracy: 0.8415, compared: 'before-epoch' },
    }));
  const { page, results } = await choosing('val');
  expect(page).toContain('was chosen by accuracy on <code>val</code>, the images that evaluation sees again: a leak');
  expect(page).toContain(
    'after 4 of 30 epochs: best accuracy (84.2 %) on val, compared before each epoch, never after the last',
  );
  expect(results.models[1].selected.split).toBe('val');
  expect((await choosing('tune')).page).not.toContain('a leak');
});

test('a level that masks need not meet is held against what they removed', async () => {
  const nominal = { isNominal: true, removed: 0.68, counted: 0.68 } as const;
  const { page, results } = await claiming(nominal);
  expect(results.models[1].sparsity).toMatchObject({ labelHolds: true });
  expect(page).toContain('<span class="good">as its masks</span>');
  expect(page).not.toContain('disagrees');
  const regrown = await claiming({ ...nominal, counted: 0.2 });
  expect(regrown.results.models[1].sparsity).toMatchObject({ labelHolds: false });
  expect(regrown.page).toContain('disagrees');
});
