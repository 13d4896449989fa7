import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { analyse, readModels, resultsJson } from '@espalier/analysis';
import { apiVersion, definePlugin, type Reporter } from '@espalier/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { madeResults, resultsText } from '../../analysis/test/made-results.ts';
import { temporaryFolder } from '../../store/test/temporary-folder.ts';
import { main } from '../src/command-line/cli.ts';
import { type CompareFlags, compareCommand } from '../src/command-line/commands/compare.ts';
import { explain } from '../src/command-line/commands/explain.ts';
import { outputTo } from '../src/command-line/commands/output.ts';
import { runsFolderOf } from '../src/runs/recorded-runs.ts';
import { nodeOf, runToy, smallStudy, toyPackages } from './toy-study.ts';

const axes = {
  ...{ sparsity: 'sparsity', seed: 'seed', draw: 'draw', explainer: 'explainer', arm: 'arm', treatment: null },
  ...{ control: null, definition: 'definition', defaultDefinition: 'default' },
};

/** Results as our report writes them, without its pictures. */
const plainReport = definePlugin({
  ...{ kind: 'reporter', name: 'results', cacheVersion: '1', usesSeed: false, files: ['results.json'] },
  source: { title: 'toy', url: 'https://example.org', departures: [] },
  options: z.strictObject({}),
  create: (): Reporter => ({
    async write(inputs) {
      const asked = {
        endpoints: [],
        margins: {},
        bars: {},
        imageSet: 'all',
        resamples: 99,
        lineageThreshold: 0.8,
      } as const;
      const models = await readModels(inputs.models, axes);
      const analysis = await analyse(inputs, models, { ...asked, axes, explained: [], publishedClaims: [] }, () => {});
      return new Map([['results.json', Buffer.from(JSON.stringify(resultsJson(inputs, analysis)))]]);
    },
  }),
});

const packages = new Map([...toyPackages, ['plain-report', { apiVersion, plugins: [plainReport] }]]);

/** The toy study with that report; `reports` names its nodes. */
function reported(change: (study: Record<string, unknown>) => void = () => {}, reports = ['report']) {
  return smallStudy((study) => {
    Object.assign(study.plugins as object, { plain: 'plain-report' });
    const { gather: _, ...node } = nodeOf(study, 'report');
    delete (study.nodes as Record<string, unknown>).report;
    const own = { ...node, use: 'plain/results' };
    for (const name of reports) Object.assign(study.nodes as object, { [name]: own });
    study.outputs = { 'results.json': { $from: `${reports[0]}.results.json` } };
    change(study);
  });
}

let folder: string;
let ids: readonly string[];

/** What the command writes, or its error with the exit code. */
async function told(first: string, second: string, flags: Partial<CompareFlags & { in: string }> = {}) {
  let text = '';
  const write = (part: string): void => {
    text += part;
  };
  const output = outputTo({ isTerminal: false, columns: 80, write, writeError: write });
  const runs = runsFolderOf(flags.in ?? folder);
  const code = await compareCommand([first, second], runs, { json: false, ...flags }, output).catch((error: unknown) =>
    explain(error, false, output),
  );
  const plain = ids.reduce((shown, id, i) => shown.replaceAll(id, `<run ${i}>`), text.replaceAll(folder, '<folder>'));
  return `${code === 0 ? '' : `exit ${code}: `}${plain.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')}`;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'espalier-'));
  const studies = [reported(), reported((study) => Object.assign(study.params as object, { epochs: 3 }))];
  const found: string[] = [];
  for (const study of studies) found.push(basename((await runToy(folder, study, { packages })).folder));
  ids = found;
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('two runs', () => {
  test('by id: what differs is told, the page is where it says, and that they differ is no failure', async () => {
    const text = await told(ids[0]!, ids[1]!);
    expect(text).toContain('A  <run 0>  <time>  toy  ');
    expect(text).toContain('settings that differ:\n  parameter epochs: 2 -> 3\n  node dense.with.epochs: 2 -> 3\n');
    expect(text).toMatch(/wrote {4}<folder>\/\.espalier\/comparisons\/<run 0>--<run 1>\.html\n$/);
    const page = readFileSync(join(folder, `.espalier/comparisons/${ids[0]}--${ids[1]}.html`), 'utf8');
    expect(page).toContain('<code>dense.with.epochs</code>');
    expect(page).toContain(`runStudy ${join(folder, 'study.json')}`);
  });

  test('by the command line, where help lists it', async () => {
    const typed = async (...argv: string[]) => {
      let text = '';
      const write = (part: string): void => {
        text += part;
      };
      const code = await main(argv, { isTerminal: false, columns: 80, write, writeError: write });
      return { code, text };
    };
    expect((await typed('--help')).text).toMatch(/ compare \[options\] <run> <other> +put two runs, or two studies,/);
    const { code, text } = await typed(
      'compare',
      ids[0]!,
      'latest',
      '--in',
      folder,
      '--out',
      join(folder, 'typed.html'),
    );
    expect([code, text.split('\n').at(-2)]).toEqual([0, `wrote    ${join(folder, 'typed.html')}`]);
    expect(await typed('compare', 'latest')).toMatchObject({
      code: 2,
      text: expect.stringContaining("missing required argument 'other'"),
    });
  });

  test('as JSON, without a page unless one is asked for', async () => {
    rmSync(join(folder, '.espalier/comparisons'), { recursive: true, force: true });
    const json = JSON.parse(await told('latest', ids[0]!, { json: true }));
    expect(json.a.name).toBe('<run 1>');
    expect(json.settings).toContainEqual({ area: 'parameter', name: 'epochs', a: 3, b: 2 });
    const count = json.claims.differing.length + json.claims.agreeing.length;
    expect(count).toBeGreaterThan(0);
    expect(() => readFileSync(join(folder, `.espalier/comparisons/${ids[1]}--${ids[0]}.html`))).toThrow('ENOENT');
    const out = join(folder, 'pages/page.html');
    await told('latest', ids[0]!, { json: true, out });
    expect(readFileSync(out, 'utf8')).toContain('toy: two runs compared');
  });

  test('a study is its last finished run; results are what a report wrote, wherever they lie', async () => {
    const elsewhere = temporaryFolder();
    cpSync(join(folder, '.espalier/out/toy/results.json'), join(elsewhere, 'theirs.json'));
    mkdirSync(join(elsewhere, 'handed/over'), { recursive: true });
    cpSync(join(elsewhere, 'theirs.json'), join(elsewhere, 'handed/over/results.json'));
    const same = 'Both have the same results, to the byte.';
    expect(await told(join(folder, 'study.json'), ids[1]!)).toContain(same);
    expect(await told(join(elsewhere, 'theirs.json'), ids[1]!)).toContain(same);
    expect(await told(join(elsewhere, 'handed'), join(folder, '.espalier/runs', ids[1]!))).toContain(same);
    expect(await told(ids[0]!, join(elsewhere, 'handed'))).toContain('parameter epochs: 2 -> 3');
    cpSync(join(folder, '.espalier/runs', ids[1]!), join(elsewhere, 'record'), { recursive: true }); // without its store
    expect(await told(ids[1]!, join(elsewhere, 'record'))).toContain(same);
  });

  test('of two studies, with other nodes, claims that one has alone are counted', async () => {
    const other = temporaryFolder();
    const changed = reported((study) => {
      Object.assign(study, { name: 'other', seed: 8 });
      Object.assign(study.params as object, { levels: [0.25] });
      delete (study.nodes as Record<string, unknown>).nonzero;
      Object.assign(nodeOf(study, 'report').in as object, { scores: [{ $from: 'mass.scores' }] });
    });
    const { folder: record } = await runToy(other, changed, { packages });
    const text = await told(ids[1]!, record);
    expect(text).toContain('  study name: "toy" -> "other"');
    expect(text).toContain('  study seed: 7 -> 8');
    expect(text).toContain('  node nonzero: "toy/nonzero" -> not set');
    expect(text).toMatch(/\d+ claims? only one of them has\./);
    expect(
      readFileSync(
        text
          .match(/wrote {4}(.*)\n/)![1]!
          .replace('<folder>', folder)
          .replace('<run 1>', ids[1]!),
        'utf8',
      ),
    ).toContain('toy and other compared');
  });
});

describe('what cannot be compared is told in one sentence', () => {
  test('names that lead nowhere', async () => {
    expect(await told('20010101', ids[0]!)).toMatch(
      /^exit 2: error \[runner\/run-unknown\]: There is no run "20010101"\./,
    );
    expect(await told('./nothing.json', ids[0]!)).toMatch(
      /^exit 2: error \[runner\/run-unknown\]: There is neither a file nor a folder .*nothing\.json\. Give a run as espalier runs lists it, a study, or the results\.json of a report\.\n$/,
    );
    const empty = temporaryFolder();
    expect(await told(empty, ids[0]!)).toContain(
      `exit 2: error [runner/results-unclear]: The folder ${empty} is no record of a run and holds no results.json.`,
    );
    for (const name of ['a', 'b']) {
      mkdirSync(join(empty, name));
      writeFileSync(join(empty, name, 'results.json'), '{}');
    }
    expect(await told(empty, ids[0]!)).toContain(
      `holds 2 files of results: ${join(empty, 'a/results.json')}, ${join(empty, 'b/results.json')}.`,
    );
  });

  test('files that are no results, and results whose study is no study', async () => {
    const place = temporaryFolder();
    const file = (name: string, text: string) => {
      writeFileSync(join(place, name), text);
      return join(place, name);
    };
    const study = { ...madeResults().study, text: '{' };
    const deep = resultsText(madeResults()).replace('"epochs":2}', `"epochs":${'['.repeat(1e5)}${']'.repeat(1e5)}}`);
    expect(await told(file('e.json', deep), ids[0]!)).toContain('at /params, values are nested deeper than 64');
    expect(await told(file('a.json', '{'), ids[0]!)).toContain('exit 2: error [analysis/results-invalid]');
    expect(await told(file('b.json', '{"format":"espalier-results/v1"}'), ids[0]!)).toContain(
      'exit 2: error [analysis/results-format]',
    );
    expect(await told(file('c.json', resultsText({ ...madeResults(), study })), ids[0]!)).toContain(
      'c.json (the study in it):1:2',
    );
    expect(await told(file('d.json', resultsText(madeResults())), ids[0]!)).toContain('study name: "made" -> "toy"');
  });

  test('runs that are not at their end, or have no report, or several', async () => {
    const place = temporaryFolder();
    const { folder: plain } = await runToy(place, reported(), { packages, select: { only: ['dense'] } });
    expect(await told(plain, ids[0]!)).toMatch(
      /^exit 2: error \[runner\/run-without-report\]: The run \S+ has no results\.json in /,
    );
    expect(await told(join(place, 'study.json'), ids[0]!, { in: place })).toContain(
      'has nothing to compare: none of its 1 runs has finished with a report in',
    );
    const { folder: two } = await runToy(place, reported(undefined, ['first', 'second']), { packages });
    expect(await told(two, ids[0]!)).toContain('has the results of 2 reports: first, second. Name one with --report.');
    expect(await told(two, two, { report: 'second' })).toContain('Both have the same results');
    expect(await told(two, two, { report: 'secnod' })).toContain('has no report "secnod". Did you mean "second"?');
    const events = join(two, 'events.ndjson');
    const lines = readFileSync(events, 'utf8').split('\n');
    writeFileSync(events, lines.filter((line) => !line.includes('"run-finished"')).join('\n'));
    expect(await told(two, ids[0]!)).toMatch(/^exit 2: error \[runner\/run-unfinished\]: The run \S+ has not finished/);
  });
});
