import { createFrom, type Entry, type ModelSummary, type Origin, plainServices } from '@espalier/core';
import { report } from '@espalier/report';
import { beforeAll, describe, expect, test } from 'vitest';
import { fixtureInputs } from './study-fixture.ts';

const arms = ['magnitude', 'trained-on'] as const;

/** Each entry once for every arm, under names of its own. */
function inArms<Value>(entries: readonly Entry<Value>[]): Entry<Value>[] {
  const named = (origin: Origin, arm: string): Origin => ({
    ...origin,
    instance: origin.instance.replace('[', `[arm=${arm},`),
    labels: { ...origin.labels, arm },
    ...(origin.model && { model: origin.model.replace('[', `[arm=${arm},`) }),
  });
  return arms.flatMap((arm) => entries.map((entry) => ({ ...entry, origin: named(entry.origin, arm) })));
}

/** A model that nothing was removed from. */
function dense(summary: ModelSummary): ModelSummary {
  const kernels = summary.proof.kernels.map((kernel) => ({ ...kernel, nonzero: kernel.total }));
  return { ...summary, proof: { ...summary.proof, kernels, kernelSparsity: 0 } };
}

describe('a study with a control that was only trained on', () => {
  let page: string;
  let results: { readonly levels: readonly Record<string, unknown>[]; readonly models: readonly unknown[] };
  beforeAll(async () => {
    const inputs = fixtureInputs({ size: 24, imagesPerClass: 2, levels: [0, 0.7] });
    const models = inArms(inputs.models).map((model) =>
      model.origin.labels.arm === 'trained-on' ? { ...model, load: async () => dense(await model.load()) } : model,
    );
    const few = { treatment: 'magnitude', galleryImages: 1, conceptsPerClass: 1, topCrops: 0, conceptMaps: 0 };
    const files = await (await createFrom(report, few, plainServices())).write({
      ...inputs,
      models,
      scores: inArms(inputs.scores),
      attributions: inArms(inputs.attributions),
      concepts: inArms(inputs.concepts),
    });
    const text = (name: string) => new TextDecoder().decode(files.get(name));
    page = text('report.html').replaceAll('\u202f', ' ');
    results = JSON.parse(text('results.json'));
  });

  test('does not call the control less sparse than labelled: no pruner made it', () => {
    expect(page).not.toContain('not as sparse as labelled');
    expect(page).toContain('not pruned: stands beside it');
  });

  test('draws it beside the level that it is matched to, and keeps what was counted', () => {
    expect(page).toContain('0 % (beside 70 %)');
    expect(page).toMatch(/trained-on: [\d.]+ % at 0 %, [\d.]+ % at 70 %/);
    const places = results.levels
      .filter(({ metric, variant }) => metric === 'accuracy' && variant === 'trained-on')
      .map(({ sparsity }) => sparsity);
    expect(places).toEqual([
      { nominal: 0, counted: 0, position: 0 },
      { nominal: 0.7, counted: 0, position: 0.7 },
    ]);
  });

  test('names arms by their label, the treated one first, and hides no map without a choice', () => {
    expect(page).not.toMatch(/class="sub">\w+\[arm=/);
    const list = page.match(/<select data-choice="arm">.*?<\/select>/)![0];
    expect([...list.matchAll(/value="([^"]*)"/g)].map(([, value]) => value)).toEqual(['magnitude', 'trained-on', '*']);
    expect(page.match(/<td data-arm="magnitude"/g)).toHaveLength(page.match(/<td data-arm="trained-on"/g)!.length);
  });

  test('folds the curves of controls', () => {
    expect(page).toContain('<summary>The same for trained-on</summary>');
    expect(page).not.toContain('<summary>The same for magnitude</summary>');
  });
});
