import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { apiVersion, type Plugin, type Services, StudyError } from '@espalier/core';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../store/test/temporary-folder.ts';
import { outputTo } from '../src/command-line/commands/output.ts';
import { planCommand } from '../src/command-line/commands/plan.ts';
import { type InstanceForecast, planStudy, type StudyRequest } from '../src/index.ts';
import { plugins } from './toy-plugins.ts';
import { nodeOf, runToy, smallStudy, toyPackages, writeStudy } from './toy-study.ts';

type Study = Record<string, unknown>;

/** What a run would do and why, one line for each instance that is asked for. */
async function reasons(
  folder: string,
  study: Study | string,
  request: Partial<StudyRequest> = {},
): Promise<readonly string[]> {
  const file = writeStudy(folder, study);
  const { instances } = await planStudy({ file, packages: toyPackages, ...request });
  return instances
    .filter(({ status, reasons: words }) => status === 'run' || words.length > 0)
    .map(({ id, status, reasons: words }: InstanceForecast) =>
      `${status} ${id}: ${words.join('; ')}`.replaceAll(folder, '<folder>').replaceAll(/\d{8}T\d{6}Z-\w{4}/g, '<run>'),
    );
}

test('nothing was computed: what is never computed, and what waits for it', async () => {
  expect((await reasons(temporaryFolder(), smallStudy())).slice(0, 4)).toMatchInlineSnapshot(`
    [
      "run data: never computed",
      "run network[seed=0]: never computed; waits for data",
      "run dense[seed=0]: never computed; waits for network[seed=0], data",
      "run prune[seed=0,sparsity=0.5]: never computed; waits for prune[seed=0,sparsity=0], data",
    ]
  `);
});

test('an option that changed is named with both values, also where one of them is the default', async () => {
  const folder = temporaryFolder();
  await runToy(folder, smallStudy());
  const study = smallStudy((s) =>
    Object.assign((nodeOf(s, 'attr').matrix as { explainer: { with: object }[] }).explainer[1]!, { with: {} }),
  );
  expect(await reasons(folder, study)).toMatchInlineSnapshot(`
    [
      "run attr[explainer=toy/gradient,seed=0,sparsity=0]: option steps 3 -> 1",
      "run attr[explainer=toy/gradient,seed=0,sparsity=0.5]: option steps 3 -> 1",
      "run mass[explainer=toy/gradient,seed=0,sparsity=0]: waits for attr[explainer=toy/gradient,seed=0,sparsity=0]",
      "run mass[explainer=toy/gradient,seed=0,sparsity=0.5]: waits for attr[explainer=toy/gradient,seed=0,sparsity=0.5]",
      "run report: waits for mass[explainer=toy/gradient,seed=0,sparsity=0], mass[explainer=toy/gradient,seed=0,sparsity=0.5] and 2 more",
    ]
  `);
});

test('a change far up is named where it ends', async () => {
  const folder = temporaryFolder();
  await runToy(folder, smallStudy());
  const longer = smallStudy((s) => Object.assign(s.params as object, { epochs: 3 }));
  expect((await reasons(folder, longer)).slice(0, 3)).toMatchInlineSnapshot(`
    [
      "run dense[seed=0]: option epochs 2 -> 3",
      "run prune[seed=0,sparsity=0.5]: waits for prune[seed=0,sparsity=0]",
      "run attr[explainer=toy/flat,seed=0,sparsity=0]: waits for prune[seed=0,sparsity=0]",
    ]
  `);
  // All but the metric is there: it is told what changed its input.
  await runToy(folder, longer, { select: { only: ['attr'] } });
  expect(await reasons(folder, longer, { select: { only: ['mass'] } })).toMatchInlineSnapshot(`
    [
      "run mass[explainer=toy/gradient,seed=0,sparsity=0]: input attributions changed because of dense[seed=0]: option epochs 2 -> 3",
      "run mass[explainer=toy/gradient,seed=0,sparsity=0.5]: input attributions changed because of dense[seed=0]: option epochs 2 -> 3",
    ]
  `);
});

test('another cacheVersion, other code, another seed and another label are named', async () => {
  const folder = temporaryFolder();
  await runToy(folder, smallStudy());
  const raised = plugins.map(
    (plugin): Plugin => (plugin.name === 'nonzero' ? { ...plugin, cacheVersion: '2' } : plugin) as Plugin,
  );
  const packages = new Map([['toy-plugins', { apiVersion, plugins: raised }]]);
  expect((await reasons(folder, smallStudy(), { packages }))[0]).toMatchInlineSnapshot(
    `"run nonzero[seed=0,sparsity=0]: cacheVersion of toy-plugins/nonzero 1 -> 2"`,
  );
  expect((await reasons(folder, { ...smallStudy(), seed: 8 }))[0]).toMatchInlineSnapshot(
    `"run data: seed 7866813711805049 -> 1446464128167659"`,
  );
  const more = smallStudy((s) => Object.assign(s.params as object, { levels: [0.5, 0.75] }));
  expect((await reasons(folder, more)).slice(0, 2)).toMatchInlineSnapshot(`
    [
      "run prune[seed=0,sparsity=0.75]: never computed; nearest is prune[seed=0,sparsity=0.5] of run <run>: option sparsity 0.5 -> 0.75; seed 4149418681244351 -> 8816674863699504; input model changed",
      "run attr[explainer=toy/flat,seed=0,sparsity=0.75]: never computed; nearest is attr[explainer=toy/flat,seed=0,sparsity=0] of run <run>: seed 4050463607113095 -> 6993173132394402; waits for prune[seed=0,sparsity=0.75]",
    ]
  `);
});

test('what is damaged or gone is said as such', async () => {
  const folder = temporaryFolder();
  await runToy(folder, smallStudy());
  const keys = join(folder, '.espalier/store/keys');
  const paths = readdirSync(keys, { recursive: true, encoding: 'utf8' }).map((name) => join(keys, name));
  const record = paths.find(
    (path) => statSync(path).isFile() && readFileSync(path, 'utf8').includes('"instance": "dense'),
  )!;
  const text = readFileSync(record, 'utf8');
  writeFileSync(record, text.replace('"ms":', '"mss":'));
  expect(
    (await reasons(folder, smallStudy()))[0]!.replace(/[0-9a-f]{2}\/[0-9a-f-]{60,}/, '<key>'),
  ).toMatchInlineSnapshot(
    `"run dense[seed=0]: damaged: its record <folder>/.espalier/store/keys/<key>.json is damaged"`,
  );
  rmSync(record);
  expect((await reasons(folder, smallStudy()))[0]).toMatchInlineSnapshot(
    `"run dense[seed=0]: its result is not in the store: run <run> did not finish it, or it was taken away"`,
  );
});

test('plan ends with 1 where what the options point to is not there', async () => {
  const folder = temporaryFolder();
  const missing = () =>
    Promise.reject(new StudyError('core/data-missing', 'There is no folder photos. Check "folder".'));
  const broken = plugins.map(
    (plugin): Plugin => (plugin.name === 'noise' ? { ...plugin, fingerprint: missing } : plugin) as Plugin,
  );
  const packages = new Map([['toy-plugins', { apiVersion, plugins: broken }]]);
  let told = '';
  const write = (text: string): void => {
    told += text;
  };
  const output = outputTo({ isTerminal: false, columns: 80, write, writeError: write });
  expect(await planCommand({ file: writeStudy(folder, smallStudy()), packages }, { json: false }, output)).toBe(1);
  expect(told).toContain('data: [core/data-missing] There is no folder photos. Check "folder".\n');
});

test('plan fetches nothing, and says what a run would', async () => {
  const fetching = plugins.map(
    (plugin): Plugin =>
      (plugin.name === 'noise'
        ? {
            ...plugin,
            async fingerprint(_: unknown, { offline }: Services) {
              if (offline) throw new StudyError('core/not-downloaded', 'a run downloads photos.tgz first');
              return 'fetched';
            },
          }
        : plugin) as Plugin,
  );
  const packages = new Map([['toy-plugins', { apiVersion, plugins: fetching }]]);
  const folder = temporaryFolder();
  expect((await reasons(folder, smallStudy(), { packages }))[0]).toBe('run data: a run downloads photos.tgz first');
  let told = '';
  const write = (text: string): void => {
    told += text;
  };
  const output = outputTo({ isTerminal: false, columns: 80, write, writeError: write });
  expect(await planCommand({ file: writeStudy(folder, smallStudy()), packages }, { json: false }, output)).toBe(0);
  expect(told).toContain('1 x a run downloads photos.tgz first\n');
  expect((await runToy(folder, smallStudy(), { packages })).status).toBe('ok');
});

test('names, comments, retries, timeouts, resources and the order of keys are no reason', async () => {
  const folder = temporaryFolder();
  await runToy(folder, smallStudy());
  const study = smallStudy((s) => {
    Object.assign(nodeOf(s, 'dense'), { timeout: '2h', resources: { cores: 1 }, description: 'trains' });
    s.defaults = { retry: { max: 3 } };
  });
  const renamed = JSON.stringify(study).replaceAll('attr.', 'maps.').replace('"attr":', '"maps":');
  const told = await reasons(folder, `// a comment\n${renamed}`);
  expect(told).toHaveLength(1); // the report shows names
  expect(told[0]).toContain('run report: ');
});

test('only, from and refresh choose what runs; what is asked wrongly is told', async () => {
  const folder = temporaryFolder();
  const ids = async (select: StudyRequest['select']) => {
    const file = writeStudy(folder, smallStudy());
    const { instances } = await planStudy({ file, packages: toyPackages, select });
    return instances.map(({ id, status }) => `${status} ${id}`);
  };
  expect(await ids({ only: ['dense'] })).toEqual(['run data', 'run network[seed=0]', 'run dense[seed=0]']);
  const result = await runToy(folder, smallStudy(), { select: { only: ['nonzero[sparsity=0.5]'] } });
  expect(result).toMatchObject({ status: 'ok', outputs: [], missing: [] });
  const started = await ids({ from: ['nonzero'] });
  expect(started).toContain('run nonzero[seed=0,sparsity=0]');
  expect(started).toContain('run report');
  await expect(ids({ from: ['dense'], only: ['network'] })).resolves.toEqual([]); // nothing is both
  expect(await ids({ only: ['dense'], refresh: ['dense'] })).toEqual([
    'cached data',
    'cached network[seed=0]',
    'run dense[seed=0]',
  ]);
  const before = await runToy(folder, smallStudy(), { select: { only: ['dense'], refresh: ['dense'] } });
  const events = readFileSync(join(before.folder, 'events.ndjson'), 'utf8');
  expect(events).toContain('"type":"done","instance":"dense[seed=0]"');
  expect(await ids({ only: ['dense'] })).toEqual(['cached data', 'cached network[seed=0]', 'cached dense[seed=0]']);

  const told = async (text: string) => (await ids({ only: [text] }).catch((error) => error)).message;
  expect(await told('dens')).toMatchInlineSnapshot(
    `"There is no node "dens". Did you mean "dense"? "dens" must be a node or an instance of the study, for example attr or 'attr[seed=1]'; espalier plan lists them."`,
  );
  expect(await told('dense[sede=0]')).toMatchInlineSnapshot(
    `""dense" has no axis "sede". Did you mean "seed"? "dense[sede=0]" must be a node or an instance of the study, for example attr or 'attr[seed=1]'; espalier plan lists them."`,
  );
  expect(await told('dense[seed=3]')).toMatchInlineSnapshot(
    `""dense" has no seed=3. Did you mean "0"? "dense[seed=3]" must be a node or an instance of the study, for example attr or 'attr[seed=1]'; espalier plan lists them."`,
  );
  expect(await told('')).toMatchInlineSnapshot(
    `"There is no node "". Known: data, network, dense, prune, attr, mass, nonzero, report. "" must be a node or an instance of the study, for example attr or 'attr[seed=1]'; espalier plan lists them."`,
  );
});
