import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import {
  createFrom,
  type Entry,
  ndArray,
  plainServices,
  type ReportInputs,
  type Scores,
  StudyError,
} from '@espalier/core';
import { describeReporter, toyLabel } from '@espalier/core/testing';
import { type ReportOptions, report } from '@espalier/report';
import { beforeAll, describe, expect, test } from 'vitest';
import { entry, fixtureInputs } from './study-fixture.ts';

// few pictures: a test that is about them asks for them
const few = { galleryImages: 1, conceptsPerClass: 1, topCrops: 1, conceptMaps: 1 };
const small = { size: 24, imagesPerClass: 2, levels: [0, 0.5, 0.7] };

describeReporter('report', () => createFrom(report, {}, plainServices()));

async function pageOf(inputs: ReportInputs, options: Partial<ReportOptions> = few): Promise<string> {
  const reporter = await createFrom(report, options, plainServices());
  return new TextDecoder().decode((await reporter.write(inputs)).get('report.html'));
}

describe('the page of a whole study', () => {
  let page = '';
  beforeAll(async () => {
    page = await pageOf(fixtureInputs(small), {});
  }, 60_000);

  test('has every section, each reachable from the contents: the answer, curves, pictures, then tables', () => {
    const ids = [
      ...['answer', 'figures', 'curves', 'attributions', 'concepts', 'matches'],
      ...['claims', 'numbers', 'proof', 'training', 'provenance'],
    ];
    expect([...page.matchAll(/<section id="(\w+)"/g)].map(([, id]) => id)).toEqual(ids);
    for (const id of ids) expect(page).toContain(`<a href="#${id}">`);
    expect(page).not.toContain('class="absent"');
  });

  test('loads nothing but its pictures beside it: no address stands anywhere but in links to sources', () => {
    const links = [...page.matchAll(/<a href="(https?:[^"]*)" rel="noreferrer noopener">/g)].map(([, url]) => url!);
    expect(new Set(links).size).toBeGreaterThan(1);
    // The names of SVG's namespaces are no addresses that a browser asks for.
    const rest = page.replaceAll(/<a href="https?:[^"]*" rel="noreferrer noopener">| xmlns(?::xlink)?="[^"]*"/g, '');
    expect(rest).not.toMatch(/(?:https?:)?\/\/[a-z0-9-]+\.[a-z]/i);
    expect(rest).not.toMatch(
      /<(?:link|iframe|object|embed|base)\b|@import|\bsrc="(?!data:image\/webp|report_files\/[\d-]+\.webp")/,
    );
    expect(page).not.toMatch(/\s(?:style|on\w+)=/);
  });

  test('allows exactly its own style sheets and script', () => {
    const policy = page.match(/http-equiv="Content-Security-Policy" content="([^"]*)"/)![1]!.replaceAll('&#39;', "'");
    const blocks = [...page.matchAll(/<(style|script)>([\s\S]*?)<\/\1>/g)];
    expect(blocks.map(([, kind]) => kind)).toEqual(['style', 'style', 'script']);
    for (const [, , text] of blocks) {
      expect(policy).toContain(createHash('sha256').update(text!).digest('base64'));
    }
    expect(policy.match(/sha256-/g)).toHaveLength(3);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(() => new Function(blocks[2]![2]!)).not.toThrow(); // it parses
  });

  test('has one picture with words for every map and concept', () => {
    const images = [...page.matchAll(/<img [^>]*src=[^>]*>/g)].map(([tag]) => tag);
    expect(images.filter((tag) => tag.includes('alt="'))).toHaveLength(images.length);
    const ofMaps = (part: string) =>
      images.filter((tag) =>
        new RegExp(`alt="(?:Vanilla|Integrated) Gradients, (?:signed|absolute)${part}, `).test(tag),
      );
    expect(ofMaps('')).toHaveLength(6 * 3 * 2 * 2); // images x levels x explainers x readings
    expect(ofMaps(' minus dense')).toHaveLength(6 * 2 * 2 * 2);
    expect(page).toContain('alt="Vanilla Gradients, signed, sparsity 50\u202f%: tench"');
  });

  test('gives every drawing a text and every table a caption', () => {
    const drawings = [...page.matchAll(/<div class="chart"[^>]*>/g)].map(([tag]) => tag);
    expect(drawings.length).toBeGreaterThan(8);
    for (const tag of drawings) expect(tag).toMatch(/role="img" aria-label="[^"]{20,}"/);
    expect(page.match(/<table\b/g)).toHaveLength(page.match(/<caption\b/g)!.length);
  });

  test('puts the preset beside every row of numbers', () => {
    const body = page.match(/<section id="numbers"[\s\S]*?<\/section>/)![0];
    const rows = body.match(/<th scope="row">/g)!.length;
    expect(rows).toBe(7); // accuracy, completeness, 2 x Gini, 2 x ROAD, counted sparsity
    expect(body.match(/<th scope="row">[^\n]*?<code class="preset">corrected<\/code>/g)).toHaveLength(rows);
  });

  test('shows the published values beside its own when asked, and else leaves them out', async () => {
    const published = [fileURLToPath(new URL('fixtures/published.json', import.meta.url))];
    const beside = await pageOf(fixtureInputs(small), { ...few, published });
    expect(beside).toContain('Doe 2024, published (by label)');
    expect(beside).toContain('<a href="https://example.org/doe-2024"');
    expect(beside).toContain('Its images are all tench.');
    expect(page).not.toContain('Dashed lines');
  });
});

describe('the answer of a study with arms and definitions', () => {
  const arms = ['magnitude', 'random'];
  const inputs = fixtureInputs({ ...small, imagesPerClass: 5, arms });
  const alternative = inputs.scores
    .filter(({ origin }) => origin.node === 'gini')
    .map(
      (scores): Entry<readonly Scores[]> => ({
        origin: { ...scores.origin, node: 'giniOf', labels: { ...scores.origin.labels, definition: 'squared' } },
        load: async () =>
          (await scores.load()).map((score) => ({
            ...score,
            settings: { ...score.settings, power: 2 },
            values: score.values.map((value) => value ** 2),
          })),
      }),
    );
  let files = new Map<string, string>();
  beforeAll(async () => {
    const reporter = await createFrom(report, { ...few, treatment: 'magnitude', resamples: 199 }, plainServices());
    const written = await reporter.write({ ...inputs, scores: [...inputs.scores, ...alternative] });
    files = new Map([...written].map(([name, bytes]) => [name, new TextDecoder().decode(bytes)]));
  });

  test('opens the page, and every link of it leads to a row of numbers', () => {
    const page = files.get('report.html')!;
    const first = page.indexOf('<section');
    expect(page.slice(first).startsWith('<section id="answer"')).toBe(true);
    const targets = [...page.matchAll(/href="#(claim-[^"]*)"/g)].map(([, id]) => id!);
    expect(targets.length).toBeGreaterThan(9);
    for (const id of targets) expect(page).toContain(`<span class="anchor" id="${id}">`);
    expect(page).not.toContain('undefined');
    expect(page).not.toContain('NaN');
  });

  test('its claims are in results.json and claims.csv, its sentences in answer.md', () => {
    const { claims, answer } = JSON.parse(files.get('results.json')!);
    // accuracy, 2 x Gini, 2 x ROAD, 2 of concepts; two levels against dense and random, and a trend against dense
    expect(claims.claims).toHaveLength(7 * (2 * 2 + 1));
    const counts = claims.families.map((family: { claims: number }) => family.claims);
    expect(counts.reduce((sum: number, count: number) => sum + count, 0)).toBe(35);
    expect(files.get('claims.csv')!.trim().split('\n')).toHaveLength(36);
    const gini = claims.claims.find(
      ({ metric, place }: { metric: string; place: { kind: string } }) =>
        metric === 'sparseness' && place.kind === 'level',
    );
    expect(gini).toMatchObject({
      preset: 'corrected',
      imageSet: 'all',
      n: 15,
      replicates: { are: 'seeds', count: 1 },
      method: 'studentised-bootstrap',
    });
    const names = gini.definitions.results.map(({ definition }: { definition: string }) => definition);
    expect(names).toEqual([
      'reduction=l2',
      'reduction=max-abs',
      'power=2',
      'power=2, reduction=l2',
      'power=2, reduction=max-abs',
    ]);
    for (const { text } of answer.lead)
      expect(files.get('answer.md')!.replaceAll('**', '').replaceAll('\\', '')).toContain(text);
    for (const { sentences } of answer.aspects)
      for (const { measure } of sentences) expect(files.get('answer.md')).toContain(`| ${measure} |`);
  });

  test('curves come with intervals, in the drawing and in the table', () => {
    const { levels } = JSON.parse(files.get('results.json')!);
    const { curve, n } = levels.find((level: { curve: unknown }) => level.curve !== null);
    expect(curve.half).toHaveLength(curve.at.length);
    const { scores } = JSON.parse(files.get('results.json')!);
    const own = scores.find(
      (score: { curve: { mean: number[] } | null }) => score.curve?.mean.join() === curve.mean.join(),
    );
    // Student's t with 14 degrees of freedom at 95 %
    expect(n).toEqual([15, 15]);
    for (const [i, half] of curve.half.entries()) expect(half).toBeCloseTo(2.144787 * own.curve.standardError[i], 5);
    const page = files.get('report.html')!;
    expect(page).toContain('95\u202f% intervals over samples, of each position by itself');
    expect(page).toMatch(/\d\.\d{3} \u00b1 0\.\d{3}/);
  });

  test('other definitions are shown with the claims and nowhere else', () => {
    const page = files.get('report.html')!;
    expect(page).toContain('Definitions: Gini index (Vanilla Gradients)');
    const rest = page.slice(page.indexOf('<section id="numbers"'), page.indexOf('<section id="provenance"'));
    expect(rest).not.toContain('squared');
    expect(page).toContain('power=2');
    expect(files.get('results.csv')!.match(/,squared,/g)).toHaveLength(2 * 2 * 3);
  });
});

test('a study without some parts says so in a sentence each', async () => {
  const inputs = fixtureInputs(small);
  const page = await pageOf({ ...inputs, attributions: [], concepts: [] });
  expect(page).toContain('No attributions were connected to this report, so there are no maps to show.');
  expect(page).toContain('No concepts were connected to this report.');
  expect(page).toContain('<div class="chart"');
  const empty = await pageOf({ ...inputs, models: [], scores: [], attributions: [], concepts: [] });
  expect(empty.match(/class="absent"/g)!.length).toBeGreaterThanOrEqual(6);
});

test('names from outside are text, whatever they contain', async () => {
  const turned = '\u202e\u2066\u0007\u009b';
  const hostile = `"><script>alert(1)</script><img src=x onerror=alert(2)>'&\u05d0${turned}${'long'.repeat(500)}`;
  const inputs = fixtureInputs({ ...small, classes: [hostile, 'b', 'c'] });
  const { provenance } = inputs;
  const page = await pageOf({
    ...inputs,
    provenance: {
      ...provenance,
      study: { ...provenance.study, name: hostile, text: hostile },
      params: { [hostile]: hostile },
      recipes: [{ name: hostile, recipe: hostile, version: hostile, digest: hostile, text: hostile }],
      datasets: { [hostile]: hostile },
      reportedBefore: 0,
      plugins: [
        {
          alias: hostile,
          package: hostile,
          version: hostile,
          types: [{ type: hostile, cacheVersion: hostile, source: hostile, url: 'javascript:alert(3)' }],
        },
      ],
    },
    scores: inputs.scores.map((scores) => renamed(scores, hostile)),
    images: { ...inputs.images, classes: [hostile, 'b', 'c'] },
  });
  expect([...turned].filter((character) => page.includes(character))).toEqual([]);
  expect(page).toContain('\u05d0\ufffd');
  expect(page).toContain('default-src &#39;none&#39;; img-src data: &#39;self&#39; file:;');
  expect(page.match(/ on[a-z]+="/g)).toBe(null);
  expect(page).toContain('&lt;script&gt;alert(1)');
  expect(page.match(/<script>/g)).toHaveLength(1);
  expect(page).not.toContain('<img src=x');
  expect(page).not.toContain('javascript:');
});

function renamed(scores: ReportInputs['scores'][number], metric: string): ReportInputs['scores'][number] {
  const words = { name: metric, meaning: metric, unit: metric };
  const definitions = (score: Scores) => [{ name: metric, settings: { [metric]: metric }, values: score.values }];
  const change = (score: Scores): Scores => ({
    ...{ ...score, metric, words, preset: metric, definitions: definitions(score) },
    omitted: [{ reason: metric, ids: [metric] }],
  });
  return { ...scores, load: async () => (await scores.load()).map(change) };
}

test('damaged images that were left out are counted and named in every file that people read', async () => {
  const inputs = fixtureInputs(small);
  const leftOut = Array.from({ length: 12 }, (_, i) => ({ id: `val/${i}.JPEG`, reason: 'it is cut short' }));
  const sentence =
    '12 damaged images of the dataset were left out of training and evaluation: val/0.JPEG (it is cut short), ';
  const reporter = await createFrom(report, few, plainServices());
  const files = await reporter.write({ ...inputs, images: { ...inputs.images, leftOut } });
  const text = (name: string) => new TextDecoder().decode(files.get(name));
  expect(text('report.html')).toContain(sentence);
  expect(text('report.html')).toContain('val/9.JPEG (it is cut short), and 2 more.');
  expect(text('answer.md')).toContain('12 damaged images of the dataset were left out');
  expect(JSON.parse(text('results.json')).leftOut).toEqual(leftOut);
  expect(await pageOf(inputs)).not.toContain('left out of training');
});

test('a model that is not as sparse as its label is named loudly and drawn where it was counted', async () => {
  const inputs = fixtureInputs(small);
  const models = inputs.models.map((model): typeof model => {
    if (model.origin.labels.sparsity !== 0.7) return model;
    const load = async () => {
      const summary = await model.load();
      return { ...summary, proof: { ...summary.proof, kernelSparsity: 0.0123 } };
    };
    return { ...model, load };
  });
  const page = await pageOf({ ...inputs, models });
  expect(page).toContain('<strong>1 model is not as sparse as labelled.</strong>');
  expect(page).toContain('<strong>1.23\u202f%</strong> of its kernel weights are zero');
  expect(page).toContain('1.23\u202f% (labelled 70\u202f%)');
  expect(page).toContain('<strong class="bad">disagrees</strong>');
  expect(await pageOf(inputs)).not.toContain('not as sparse as labelled');
});

test('several seeds are averaged and their range is shown', async () => {
  const page = await pageOf(fixtureInputs({ ...small, seeds: [0, 1, 2] }), { ...few, classes: ['tench'] });
  expect(page).toContain('n 6, 3 seeds');
  expect(page).toContain('vertical rules span the seeds');
  expect(page).toContain('Models of seed 0.');
});

test('galleries show what the options ask for', async () => {
  const page = await pageOf(fixtureInputs(small), { classes: ['parachute'], galleryImages: 1, conceptsPerClass: 2 });
  expect(page.match(/<article class="sample"/g)).toHaveLength(1);
  expect(page.match(/<section class="concept-class"/g)).toHaveLength(1);
  expect(page.match(/<article class="concept-level"/g)).toHaveLength(3);
  expect(page).not.toContain('Concepts of tench');
});

test('crops of images that were not explained are counted, not guessed', async () => {
  const inputs = fixtureInputs(small);
  const concepts = inputs.concepts.map((banks): typeof banks => ({
    ...banks,
    load: async () => (await banks.load()).map((bank) => ({ ...bank, ids: bank.ids.map((id) => `elsewhere/${id}`) })),
  }));
  const page = await pageOf({ ...inputs, concepts }, { conceptsPerClass: 1, topCrops: 3, conceptMaps: 1 });
  expect(page).toContain('pictures left out: not among the images connected to this report');
  expect(page).toContain('no crops to show');
});

test('a layer with one place per image has no maps of places, and says so', async () => {
  const inputs = fixtureInputs(small);
  const concepts = inputs.concepts.map((banks): typeof banks => ({
    ...banks,
    load: async () =>
      (await banks.load()).map((bank) => {
        const { data, shape } = bank.maps;
        const one = [shape[0]!, 1, 1, shape[3]!];
        return { ...bank, maps: ndArray('n h w r', one, data.slice(0, one[0]! * one[3]!)) };
      }),
  }));
  const page = await pageOf({ ...inputs, concepts, attributions: [] });
  expect(page).toContain('The layer has one place per image, so there are no maps of where a concept is.');
  expect(page).not.toContain('class="maps"');
});

test('a large study stays a small file', async () => {
  const classes = Array.from({ length: 10 }, (_, i) => `class ${i}`);
  const inputs = fixtureInputs({ size: 64, classes, imagesPerClass: 3, levels: [0.7] });
  const page = await pageOf(inputs, {});
  const pictures = page.match(/src="data:/g)!.length;
  const largest = 12 * 6 * 2 * 2 + 10 * 6 * 5 * 2 + 10 * 6 * 3; // maps, concepts and their parts at six levels
  expect(pictures).toBeLessThan(largest);
  expect((page.length / pictures) * largest).toBeLessThan(15e6);
});

test('a score that is not finite stops the report, naming where it came from', async () => {
  const inputs = fixtureInputs(small);
  const bad: Entry<Awaited<ReturnType<ReportInputs['scores'][number]['load']>>> = entry('gini', 'm/gini', {}, () => [
    {
      ...{
        words: { name: 'Gini index', meaning: 'Sparseness.' },
        label: toyLabel('gini'),
        aspect: 'a',
        role: 'primary',
      },
      ...{ metric: 'sparseness', preset: 'corrected', direction: 'neither', range: [0, 1], sample: 'image' },
      ...{ ids: ['a', 'b'], values: [0.5, Number.NaN], summary: 'mean' },
    } as const,
  ]);
  await expect(pageOf({ ...inputs, scores: [bad] })).rejects.toThrow(
    'The scores "sparseness" of gini[]: expected finite numbers, found NaN at index 1 of 2.',
  );
});

test('an unknown class in the options is refused, with the known ones', async () => {
  const refused = pageOf(fixtureInputs(small), { classes: ['trench'] });
  await expect(refused).rejects.toThrow(
    'The report\'s option "classes" names "trench"; the explained images have the classes "tench", "cassette player", ' +
      '"parachute". Name one of these, or leave the option out for all.',
  );
  await expect(refused).rejects.toSatisfy(StudyError.is);
});
