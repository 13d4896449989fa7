import { createFrom, plainServices, type ReportInputs } from '@espalier/core';
import { type ReportOptions, report } from '@espalier/report';
import { describe, expect, test } from 'vitest';
import { fixtureInputs } from './study-fixture.ts';

const few = { conceptsPerClass: 1, topCrops: 0, conceptMaps: 0, resamples: 99 };
const small = { size: 24, imagesPerClass: 4, levels: [0, 0.5], arms: ['magnitude', 'random'] };

async function written(inputs: ReportInputs, options: Partial<ReportOptions> = {}) {
  const reporter = await createFrom(report, { ...few, treatment: 'magnitude', ...options }, plainServices());
  const files = await reporter.write(inputs);
  const pictures = [...files.keys()].filter((name) => name.startsWith('report_files/'));
  return { files, pictures, page: new TextDecoder().decode(files.get('report.html')) };
}

const sourcesOf = (text: string) => [...text.matchAll(/ src="(report_files\/[^"]*)"/g)].map(([, name]) => name!);

describe('the image browser', () => {
  const inputs = fixtureInputs(small);
  const ids = inputs.images.ids;

  test('has every explained image without the script: unfolded by class, with each map and each picture there', async () => {
    const { page, pictures, files } = await written(inputs);
    expect(page).toContain('All 12 explained images.');
    const classes = [...page.matchAll(/<details class="of-class"[^>]*>(.*?)<\/details>/gs)].map(([, text]) => text!);
    expect(classes).toHaveLength(3);
    const samples = classes.flatMap((text) =>
      [...text.matchAll(/<article class="sample".*?<\/article>/gs)].map(([own]) => own),
    );
    expect(
      samples.map((own) => ids.findIndex((id) => own.includes(`<code>${id}</code>`))).sort((a, b) => a - b),
    ).toEqual([...ids.keys()]);
    for (const own of samples) {
      // the photograph, and for each explainer the maps of one dense and two pruned models in both readings, with differences
      expect(new Set(sourcesOf(own)).size).toBe(3);
      expect(own.match(/class="tile /g)).toHaveLength(2 * 2 * (3 + 2));
      expect(own.match(/src="report_files\/[^"]*" alt="[^"]{10,}" loading="lazy"/g)).toHaveLength(
        sourcesOf(own).length,
      );
      expect(own).not.toContain(' hidden');
    }
    expect(new Set(sourcesOf(page))).toEqual(new Set(pictures));
    for (const name of pictures) expect(Buffer.from(files.get(name)!).subarray(8, 12).toString()).toBe('WEBP');
  });

  test('sums up what explainers tell of each map, in the words of their plugins', async () => {
    const { page } = await written(inputs, { galleryImages: 1 });
    const table = page.match(/<summary>How exact the maps are<\/summary>.*?<\/details>/s)![0];
    // One dense and two pruned models, and all of their 12 maps each; what was declared and not told is not there.
    expect(table.match(/<tr><th scope="row">.*?<\/tr>/gs)!.map((row) => row.replaceAll(/<[^>]*>/g, '|'))).toEqual([
      expect.stringMatching(/\|\|.*\|\|\|delta\|, what the map misses, in logits\|\|0\.001\|\|0\.001\|\|36\|\|/),
    ]);
    const provenance = { ...inputs.provenance, plugins: [] };
    expect((await written({ ...inputs, provenance }, { galleryImages: 1 })).page).not.toContain(
      'How exact the maps are',
    );
  });

  test('puts the image, then dense, then the treatment and its controls side by side, and says who is right', async () => {
    const { page } = await written(inputs, { galleryImages: 1 });
    const heads = [
      ...page.match(/<table class="tiles">.*?<\/thead>/s)![0].matchAll(/<th scope="col"([^>]*)>(.*?)<\/th>/gs),
    ];
    const shown = heads.map(([, marks, text]) => [
      marks!.trim(),
      text!
        .replaceAll(/<[^>]*>/g, ' ')
        .replaceAll(/\s+/g, ' ')
        .trim(),
    ]);
    expect(shown.slice(0, 2)).toEqual([
      ['', 'Map'],
      ['', 'Image'],
    ]);
    expect(shown[2]).toEqual([
      '',
      expect.stringMatching(/^0 % dense (\u2713 correct, 75 %|\u2717 wrong: parachute, 75 %)$/),
    ]);
    expect(shown.slice(3).map(([marks]) => marks)).toEqual([
      'data-arm="magnitude" data-level="0.5"',
      'data-arm="random" data-level="0.5"',
    ]);
    expect(page.match(/<td data-arm="\w+" data-level="0.5" data-dense="2">/g)).toHaveLength(2 * 2 * 4);
  });

  test('is as large as asked, and says what it leaves out and how to see it', async () => {
    const { page, pictures } = await written(inputs, { galleryImages: 4 });
    expect(page).toContain('4 of 12 explained images, taken class by class in the order of the split');
    expect(page).toContain('galleryImages: null, all');
    expect(pictures).toHaveLength(4 * 3);
    const none = await written(inputs, { galleryImages: 0 });
    expect(none.page).toContain('the report was asked for none by its options galleryImages and classes');
    expect(none.pictures).toEqual([]);
    expect((await written(inputs, { galleryImages: null, classes: ['parachute'] })).pictures).toHaveLength(4 * 3);
  });

  test('writes the same files in the same order, whatever order the attributions come in', async () => {
    const once = await written(inputs);
    const again = await written({ ...inputs, attributions: inputs.attributions.toReversed() });
    expect([...again.files.keys()]).toEqual([...once.files.keys()]);
    for (const [name, bytes] of once.files) expect(Buffer.compare(bytes, again.files.get(name)!), name).toBe(0);
  });

  test('names no file by what comes from outside', async () => {
    const evil = '../../x"><script>';
    const named = fixtureInputs({ ...small, imagesPerClass: 1, classes: [evil, `${evil}/`, 'CON'] });
    const { pictures, page } = await written(named);
    for (const name of pictures) expect(name).toMatch(/^report_files\/\d+(-\d+)?\.webp$/);
    expect(page).not.toContain('x"><script>');
  });

  test('shows no difference where maps explain other classes', async () => {
    const attributions = inputs.attributions.map((entry): typeof entry => {
      if (entry.origin.labels.sparsity === 0) return entry;
      return { ...entry, load: async () => ({ ...(await entry.load()), classIndex: ids.map(() => 1) }) };
    });
    const { page } = await written({ ...inputs, attributions }, { galleryImages: 1, classes: ['tench'] });
    expect(page).toContain('explained class: tench, cassette player');
    expect(page).not.toContain('minus dense, sparsity');
  });
});
