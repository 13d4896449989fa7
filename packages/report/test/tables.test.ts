import { readResults } from '@espalier/analysis';
import type { ReportInputs } from '@espalier/core';
import { type ReportOptions, reportOptions } from '@espalier/report';
import { group } from 'd3-array';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { beforeAll, describe, expect, test } from 'vitest';
import { writeCsv } from '../src/files/csv.ts';
import { writeReport } from '../src/write-report.ts';
import { fixtureInputs } from './study-fixture.ts';

const small = { size: 16, imagesPerClass: 1, levels: [0, 0.5], seeds: [0, 1] };
const bare: ReportOptions = reportOptions.parse({ galleryImages: 0, conceptsPerClass: 1, topCrops: 0, conceptMaps: 0 });

async function filesOf(inputs: ReportInputs): Promise<ReadonlyMap<string, Uint8Array>> {
  return writeReport(inputs, bare, []);
}

type Row = Record<string, string | number | null>;

async function rowsOf(files: ReadonlyMap<string, Uint8Array>): Promise<Row[]> {
  return (await parquetReadObjects({ file: bufferOf(files) })) as Row[]; // every column is text or float64
}

function bufferOf(files: ReadonlyMap<string, Uint8Array>): ArrayBuffer {
  const bytes = files.get('results.parquet')!;
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer; // written from an ArrayBuffer
}

describe('the tables of a study', () => {
  let inputs: ReportInputs;
  let files: ReadonlyMap<string, Uint8Array>;
  let rows: Row[];
  beforeAll(async () => {
    inputs = fixtureInputs(small);
    files = await filesOf(inputs);
    rows = await rowsOf(files);
  }, 60_000);

  test('parquet has every score of every sample, and every point of every curve', async () => {
    let expected = 0;
    for (const scores of inputs.scores) {
      for (const { metric, ids, values, curve } of await scores.load()) {
        const own = rows.filter((row) => row.instance === scores.origin.instance);
        const found = own.filter((row) => row.metric === metric);
        expect(found.map(({ sample, value }) => [sample, value])).toEqual(ids.map((id, i) => [id, values[i]]));
        expect(found.every(({ at }) => at === null)).toBe(true);
        const points = own.filter((row) => row.metric === `${metric}-curve`);
        expect(points.map(({ value }) => value)).toEqual([...(curve?.values.data ?? [])]);
        expect(points.map(({ at }) => at)).toEqual(ids.flatMap(() => curve?.at ?? []));
        expected += found.length + points.length;
      }
    }
    expect(rows).toHaveLength(expected);
  });

  test('a row says where it is from, with axes as columns and sparsity asked for and counted', () => {
    const row = rows.find(({ metric, axis_sparsity }) => metric === 'sparseness' && axis_sparsity === 0.5)!;
    expect(row).toMatchObject({
      study: 'resnet18-imagenette',
      node: 'gini',
      use: 'metrics/sparseness',
      axis_explainer: 'ig/integrated-gradients',
      axis_seed: 0,
      sparsity_nominal: 0.5,
      model: 'prune[seed=0,sparsity=0.5]',
      preset: 'corrected',
      direction: 'neither',
      sample_kind: 'image',
      class: 'tench',
    });
    expect(row.sparsity_counted).toBeCloseTo(0.5, 6);
    expect(rows.find(({ metric }) => metric === 'kernel-sparsity')).toMatchObject({
      sample_kind: 'parameter',
      class: null,
    });
  });

  test('parquet names the study in its metadata', () => {
    const { key_value_metadata } = parquetMetadata(bufferOf(files));
    expect(key_value_metadata).toContainEqual({ key: 'study-digest', value: inputs.provenance.study.digest });
  });

  test('csv has one row for each metric and instance, and for each point of a mean curve, from the rows of parquet', () => {
    const [head, ...body] = parseCsv(new TextDecoder().decode(files.get('results.csv')));
    const found = body.map((line) => Object.fromEntries(line.map((cell, i) => [head![i]!, cell])));
    const key = ({ instance, metric, at }: Row) => JSON.stringify([instance, metric, at === null ? '' : String(at)]);
    const samples = group(rows, key);
    expect(found.filter(({ summary }) => summary === 'mean')).not.toHaveLength(0);
    for (const row of found.filter(({ summary }) => summary === 'mean')) {
      const values = samples.get(key(row))!.map(({ value }) => Number(value));
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
      const half = (4.302652729696142 * spread) / Math.sqrt(3); // Student's t of three samples
      expect(row).toMatchObject({ n: '3', omitted: '0', role: 'primary', study: 'resnet18-imagenette' });
      expect(Number(row.value)).toBeCloseTo(mean, 12);
      expect([Number(row.low), Number(row.high)]).toEqual([
        expect.closeTo(mean - half, 10),
        expect.closeTo(mean + half, 10),
      ]);
    }
    const totals = found.filter(({ summary }) => summary === 'last');
    expect(totals).toHaveLength(4);
    for (const row of totals) expect(row).toMatchObject({ metric: 'kernel-sparsity', standard_error: '', low: '' });
    const means = [...samples.values()].filter((own) => own[0]!.metric !== 'kernel-sparsity');
    expect(found).toHaveLength(means.length + totals.length);
  });

  test('every file is the same, to the byte, whatever the order in which artifacts come', async () => {
    const shuffled = { ...inputs, scores: inputs.scores.toReversed(), models: inputs.models.toReversed() };
    const again = await filesOf(shuffled);
    expect([...again.keys()]).toEqual([...files.keys()]);
    for (const [name, bytes] of again) expect(Buffer.from(bytes).equals(files.get(name)!), name).toBe(true);
  });

  test('json has the models with their proof, the summaries and the concepts', () => {
    const json = jsonOf(files);
    expect(json.format).toBe('espalier-results/v2');
    expect(json.models).toHaveLength(4);
    expect(json.models[0]).toMatchObject({ sparsity: { nominal: 0, counted: 0, labelHolds: true }, seed: 0 });
    const scores = json.scores.filter(({ metric }) => metric === 'sparseness');
    expect(scores).toHaveLength(8);
    for (const score of scores) expect(score).toMatchObject({ n: 3, preset: 'corrected' });
    const values = rows.filter(({ instance, metric }) => instance === scores[0]!.instance && metric === 'sparseness');
    expect(scores[0]!.value).toBeCloseTo(values.reduce((sum, { value }) => sum + Number(value), 0) / 3, 12);
    expect(json.concepts).toHaveLength(4);
  });

  test('json is read again for comparisons; a level has the interval of its mean over seeds', () => {
    const { levels, claims } = readResults(new TextDecoder().decode(files.get('results.json')), 'results.json');
    expect(claims.claims.length).toBeGreaterThan(0);
    const level = levels.find(({ metric, sparsity }) => metric === 'sparseness' && sparsity.nominal === 0.5)!;
    expect(level).toMatchObject({ name: 'Gini index', unit: null, sparsity: { position: expect.closeTo(0.5, 6) } });
    const values = jsonOf(files).scores.filter(({ metric, instance }) => metric === 'sparseness' && inLevel(instance));
    const [a, b] = values.map(({ value }) => value) as [number, number]; // two seeds
    expect(level.mean).toBeCloseTo((a + b) / 2, 12);
    expect(level.half).toBeCloseTo((12.706204736 * Math.abs(a - b)) / 2, 8); // Student's t of two, 1 degree of freedom
    function inLevel(instance: string): boolean {
      return instance.includes('sparsity=0.5') && instance.includes(String(level.explainer));
    }
  });
});

interface ResultsJson {
  readonly format: string;
  readonly run: object;
  readonly models: readonly object[];
  readonly scores: readonly { readonly metric: string; readonly instance: string; readonly value: number }[];
  readonly concepts: readonly object[];
}

function jsonOf(files: ReadonlyMap<string, Uint8Array>): ResultsJson {
  return JSON.parse(new TextDecoder().decode(files.get('results.json'))) as ResultsJson; // the writer's own format
}

test('csv quotes what needs it, and only that', () => {
  const bytes = writeCsv([
    { name: 'plain', type: 'text', values: ['a b', null, 'ü'] },
    { name: 'odd,"name', type: 'text', values: ['x,y', 'say "hi"', 'two\nlines'] },
    { name: 'number', type: 'number', values: [0.1 + 0.2, -1e-21, null] },
  ]);
  expect(new TextDecoder().decode(bytes)).toBe(
    'plain,"odd,""name",number\na b,"x,y",0.30000000000000004\n,"say ""hi""",-1e-21\nü,"two\nlines",\n',
  );
});

test.each(['=1+1', '+cmd', '-2+3', '@SUM(A1)', '\t=1', '\r=1', ' =1', '\uff1d1', '-', '+1,5', '\n=1'])(
  'csv makes no formula of the text %j',
  (text) => {
    const bytes = writeCsv([{ name: text, type: 'text', values: [text] }]);
    expect(parseCsv(new TextDecoder().decode(bytes))).toEqual([[`'${text}`], [`'${text}`]]);
  },
);

test.each(['-0.5', '1e-5', '+3', '-1e+21', '-.5', '5.', 'a=b', "'=1"])('csv leaves the text %j as it is', (text) => {
  const bytes = writeCsv([{ name: 'name', type: 'text', values: [text] }]);
  expect(new TextDecoder().decode(bytes)).toBe(`name\n${text}\n`);
});

/** A slow, obvious CSV reader: one character at a time. */
function parseCsv(text: string): string[][] {
  const lines: string[][] = [[]];
  let field = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (quoted && character === '"' && text[i + 1] === '"') {
      field += '"';
      i++;
    } else if (character === '"') quoted = !quoted;
    else if (!quoted && (character === ',' || character === '\n')) {
      lines.at(-1)!.push(field);
      field = '';
      if (character === '\n') lines.push([]);
    } else field += character;
  }
  return lines.slice(0, -1);
}

test('images without a score are told with their reason, on the page and in results.json', async () => {
  const inputs = fixtureInputs({ size: 16, imagesPerClass: 1, levels: [0, 0.5] });
  const scores = inputs.scores.map((entry) => ({
    ...entry,
    load: async () =>
      (await entry.load()).map((one) =>
        entry.origin.node === 'gini' ? { ...one, omitted: [{ reason: 'the map is <blank>', ids: ['a', 'b'] }] } : one,
      ),
  }));
  const files = await filesOf({ ...inputs, scores });
  const textOf = (name: string) => new TextDecoder().decode(files.get(name));
  const page = textOf('report.html');
  expect(page).toContain('<summary>Samples without a score</summary>');
  expect(page).toContain('<td>the map is &lt;blank&gt;</td><td class="number">2</td>');
  const { scores: told } = JSON.parse(textOf('results.json'));
  const gini = told.find(({ metric }: { metric: string }) => metric === 'sparseness');
  expect(gini.omitted).toEqual([{ reason: 'the map is <blank>', count: 2 }]);
  expect(told.find(({ metric }: { metric: string }) => metric === 'accuracy').omitted).toEqual([]);
});
