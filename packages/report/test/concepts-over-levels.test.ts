import { type ConceptBank, createFrom, labelled, ndArray, plainServices, type ReportInputs } from '@espalier/core';
import { toyLabel } from '@espalier/core/testing';
import { report } from '@espalier/report';
import { describe, expect, test } from 'vitest';
import { entry, fixtureInputs } from './study-fixture.ts';

const few = { galleryImages: 1, conceptsPerClass: 1, topCrops: 1, conceptMaps: 1 };
const small = { size: 24, imagesPerClass: 2, levels: [0, 0.5, 0.7], classes: ['tench'] };

async function filesOf(inputs: ReportInputs, options: object = {}) {
  const files = await (await createFrom(report, { ...few, ...options }, plainServices())).write(inputs);
  const text = (name: string) => new TextDecoder().decode(files.get(name));
  const page = text('report.html');
  return {
    section: page.match(/<section id="matches"[\s\S]*?<\/section>/)![0],
    numbers: page.match(/<section id="numbers"[\s\S]*?<\/section>/)![0],
    page,
    results: text('results.json'),
  };
}

/** A bank of four crops of two images, with the given codes: one row per crop. */
function bank(codes: readonly (readonly number[])[], ids = ['a', 'b']): ConceptBank {
  const concepts = codes[0]!.length;
  return {
    ...{ classIndex: 0, layer: 'layer4', ids },
    crops: codes.map((_, p) => ({ image: p % 2, top: 0, left: 4 * Math.floor(p / 2), size: 4 })),
    dictionary: ndArray('r d', [concepts, 1]),
    codes: ndArray('p r', [codes.length, concepts], Float32Array.from(codes.flat())),
    maps: ndArray('n h w r', [2, 1, 1, concepts]),
    importance: ndArray('n r', [0, concepts]),
    importanceError: ndArray('n r', [0, concepts]),
    reconstructionError: 0,
    factorisation: { iterations: 1, stop: 'converged' },
    children: [],
  };
}

function study(...levels: readonly (readonly [number, ConceptBank])[]): ReportInputs {
  const concepts: ReportInputs['concepts'] = levels.map(([sparsity, one]) =>
    entry('craft', 'craft/craft', { seed: 0, sparsity }, () => [labelled(one, toyLabel('CRAFT'))]),
  );
  return { ...fixtureInputs(small), concepts };
}

describe('lineage', () => {
  // Concepts of four crops: 0 and 1 change places; 2 is gone and its opposite is there.
  const dense = bank([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1]]); // biome-ignore format: rows are crops
  const pruned = bank([[0, 1, 1], [1, 0, 1], [0, 0, 0], [0, 1, 0]]); // biome-ignore format: rows are crops

  test('follows concepts from the least sparse level, whatever the order of the entries', async () => {
    const { section, results } = await filesOf(study([0.7, pruned], [0, dense], [0.5, dense]), {
      lineageThreshold: 0.5,
    });
    const { lineage } = JSON.parse(results);
    expect(lineage.map(({ from, to }: { from: string; to: string }) => [from, to])).toEqual([
      ['craft[seed=0,sparsity=0]', 'craft[seed=0,sparsity=0.5]'],
      ['craft[seed=0,sparsity=0]', 'craft[seed=0,sparsity=0.7]'],
    ]);
    const [{ fate }] = lineage[1].classes;
    expect(fate.pairs.map(({ from, to }: { from: number; to: number }) => [from, to])).toEqual([
      [0, 1],
      [1, 0],
    ]);
    expect([fate.deaths, fate.births, fate.merges]).toEqual([[2], [], []]);
    // The new concept is in the crop that 1 was in, and in one more.
    expect(fate.splits).toEqual([{ from: 1, to: 2, similarity: expect.closeTo(1 / Math.sqrt(3), 12) }]);
    expect(section).toContain('3 of 3<span class="sub">all live on</span><span class="sub"><i>r</i> 1.00</span>');
    expect(section).toContain(
      '2 of 3<span class="sub">1 died, 1 split off</span><span class="sub"><i>r</i> 0.33</span>',
    );
    expect(section).toContain('live on 0\u21921 (1.00), 1\u21920 (1.00); die 2; split off 1\u21922 (0.58)');
  });

  test('goes by the threshold asked for', async () => {
    const half = bank([[1, 1, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1]]); // biome-ignore format: rows are crops
    const lived = async (lineageThreshold: number) => {
      const { results } = await filesOf(study([0, dense], [0.5, half]), { lineageThreshold });
      return JSON.parse(results).lineage[0].classes[0].fate.pairs.length;
    };
    // Concept 1 was in one crop of four and is in two: the correlation is 1 / sqrt(3) = 0.577.
    expect([await lived(0.5), await lived(0.6)]).toEqual([3, 2]);
  });

  test('says where concepts are of other crops, and follows nothing along one level', async () => {
    const { section } = await filesOf(study([0, dense], [0.5, bank([[1], [0], [1], [0]], ['a', 'c'])]));
    expect(section).toContain('<span class="none">other crops</span>');
    const alone = await filesOf(study([0, dense]));
    expect(alone.section).toContain('class="absent"');
    expect(JSON.parse(alone.results).lineage).toEqual([]);
  });
});

test('a score stands above its null, in one row', async () => {
  const { numbers, results } = await filesOf(fixtureInputs(small));
  const score = (metric: string) =>
    JSON.parse(results).scores.find(
      (one: { metric: string; sparsity: { nominal: number } }) => one.metric === metric && one.sparsity.nominal === 0.7,
    );
  const metric = 'concept-completeness-accuracy';
  const [value, above] = [score(metric), score(`${metric}-minus-null`)];
  const percent = (share: number) => `${(100 * share).toFixed(1).replace('-', '\u2212')}\u202f%`;
  const sign = above.value >= 0 ? '+' : '';
  const points = (share: number) => (100 * share).toFixed(1).replace('-', '\u2212');
  expect(numbers).toContain(
    `${percent(value.value)}<span class="sub">${sign}${points(above.value)} \u00b1 ${points(above.standardError)} ` +
      `(${percent(value.value - above.value)})</span>`,
  );
  expect(numbers).toContain('Completeness: accuracy</span>');
  expect(numbers).toContain('<span class="sub">less that of the null</span>');
  expect(numbers).not.toContain('minus that of the null');
});
