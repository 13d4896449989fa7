import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { espalier, outsideProject } from './outside-project.ts';

test('an explainer in a package outside this repository is used by naming it in a study', async () => {
  const folder = outsideProject();
  const study = join(folder, 'study.json');
  const first = await espalier(folder, 'run', study);
  expect(first.err).toBe('');
  expect(first.out).toMatchInlineSnapshot(`
    "run      data
    done     data T
    run      network
    done     network T
    run      dense
             dense: epoch 1/2: loss 1.0000, training accuracy 100.0 %
             dense: epoch 2/2: loss 0.5000, training accuracy 100.0 %
    done     dense T
    run      maps
    done     maps T
    run      mean
    done     mean T
    run      table
    done     table T

      data T  1/1
      network T  1/1
      dense T  1/1
      maps T  1/1
      mean T  1/1
      table T  1/1

    Finished after T. Record: <project>/.espalier/runs/<run>
    wrote    <project>/.espalier/out/outside/results.json
    wrote    <project>/.espalier/out/outside/weights.safetensors
    "
  `);
  expect(first.code).toBe(0);
  const results = JSON.parse(readFileSync(join(folder, '.espalier/out/outside/results.json'), 'utf8'));
  expect(results[0].slice(0, 2)).toEqual(['mean', 'mean']);
  expect(results[0]).toHaveLength(2 + 4); // two images of each of two classes
  expect(existsSync(join(folder, '.espalier/out/outside/weights.safetensors'))).toBe(true);

  const second = await espalier(folder, 'run', study);
  expect(second.out).not.toContain('run ');
  expect(second.out.match(/^cached/gm)).toHaveLength(6);
});

test('editing a plugin in a folder beside the study makes its results again', async () => {
  const folder = outsideProject();
  const study = join(folder, 'study.json');
  await espalier(folder, 'run', study);
  const file = join(folder, 'local-metric/index.js');
  writeFileSync(file, readFileSync(file, 'utf8').replace('// A metric', '// The metric'));
  const { out } = await espalier(folder, 'plan', study);
  expect(out).toContain('mean         1 to run,    0 there  local/mean');
  expect(out).toContain('maps         0 to run,    1 there');
});

test('an edited package of the same workspace is a hit that is told, and runs again where code must be exact', async () => {
  const folder = outsideProject();
  const study = join(folder, 'study.json');
  renameSync(join(folder, 'node_modules/explainer-outside'), join(folder, 'explainer'));
  symlinkSync('../explainer', join(folder, 'node_modules/explainer-outside'), 'dir');
  await espalier(folder, 'run', study);
  const edited = join(folder, 'explainer/explainer.mjs');
  writeFileSync(edited, `${readFileSync(edited, 'utf8')}// edited\n`);
  const { out } = await espalier(folder, 'run', study);
  expect(out).toContain('cached   maps, made by other code: code of explainer-outside 0.3.0, cacheVersion unchanged\n');
  expect(out).not.toContain('run      maps');
  const exact = await espalier(folder, 'run', study, '--code', 'exact');
  expect(exact.out).toContain('run      maps');
  expect(exact.out).toContain('cached   mean\n'); // the maps came out the same
  expect((await espalier(folder, 'run', study)).out).toContain('cached   maps\n');
});

test('why explains one instance from what is stored, and --frozen refuses to run anything', async () => {
  const folder = outsideProject();
  const study = join(folder, 'study.json');
  const frozen = await espalier(folder, 'run', study, '--frozen');
  expect(frozen.code).toBe(1);
  expect(frozen.err).toMatchInlineSnapshot(`
    "error [runner/frozen]: With --frozen nothing may run; expected every result in the store, found 6 missing. Run without --frozen, or bring back the store.
      data: never computed
      network: never computed; waits for data
      dense: never computed; waits for network, data
      maps: never computed; waits for dense, data
      mean: never computed; waits for maps
      table: never computed; waits for mean, data
    "
  `);
  await espalier(folder, 'run', study);
  expect((await espalier(folder, 'run', study, '--frozen')).code).toBe(0);
  expect((await espalier(folder, 'run', study, '--from', 'mean', '--param', 'epochs=5')).err).toMatchInlineSnapshot(`
    "error [runner/frozen]: With --from what comes before must be in the store; expected every result in the store, found 2 missing. Run without --from first.
      dense: option epochs 2 -> 5
      maps: waits for dense
    "
  `);
  const plain = (text: string) =>
    text.replaceAll(/[0-9a-f]{12,}(-[0-9a-f]{16})?/g, '#').replaceAll(/made \S+Z/g, 'made <time>');
  const there = await espalier(folder, 'why', study, 'dense');
  expect(plain(there.out)).toMatchInlineSnapshot(`
    "dense  core/train
      is in the store, made <time> as dense in T
      key #
        keyFormat 2
        type core/train
        cacheVersion 1
        opens {"espalier-toys/linear":"1","espalier-toys/stripes":"1"}
        options {"epochs":2,"batchSize":4}
        seed #
        numerics {"engine":"javascript","version":"1","inference":"exact","training":"exact"}
        package espalier-toys 1.0.0
        input model #
        input data #
    "
  `);
  const changed = await espalier(folder, 'why', study, 'mean', '--param', 'epochs=5');
  expect(plain(changed.out)).toMatchInlineSnapshot(`
    "mean  local/mean
      would run:
        waits for maps
        maps: waits for dense
        dense: option epochs 2 -> 5
      Its key is known when its inputs are.
    "
  `);
  expect((await espalier(folder, 'run', study, '--param', 'epochs=5', '--dry')).out).toMatchInlineSnapshot(`
    "outside: 6 instances
      data         0 to run,    1 there  toys/stripes
      network      0 to run,    1 there  toys/linear
      dense        1 to run,    0 there  core/train
                   1 x option epochs 2 -> 5
      maps         1 to run,    0 there  gxi/gradient-times-input
                   1 x waits for dense
      mean         1 to run,    0 there  local/mean
                   1 x waits for maps
      table        1 to run,    0 there  toys/table
                   1 x waits for mean
    4 to run, 2 already there.
    More on one of them: espalier why <study> <instance>
    "
  `);
  const json = JSON.parse((await espalier(folder, 'why', study, 'dense', '--json')).out);
  expect(json[0]).toMatchObject({ id: 'dense', status: 'cached', components: { type: 'core/train' } });
  const events = (await espalier(folder, 'run', study, '--json')).out.trim().split('\n');
  expect(events.map((line) => JSON.parse(line).type)).toContain('run-finished');
});

test('why of an instance that is not there names what is near', async () => {
  const folder = outsideProject();
  const study = join(folder, 'study.json');
  expect((await espalier(folder, 'why', study, 'dens')).err).toMatchInlineSnapshot(`
    "error [study/instance-unknown]: There is no node "dens". Did you mean "dense"? "dens" must be a node or an instance of the study, for example attr or 'attr[seed=1]'; espalier plan lists them.
    "
  `);
});

test('no command leaves a process that waits: each ends by itself, also after a mistake', async () => {
  const folder = outsideProject();
  const study = join(folder, 'study.json');
  const bin = join(import.meta.dirname, '../bin/espalier.js');
  const ended = async (...argv: string[]) => {
    const { status, signal } = spawnSync(process.execPath, [bin, ...argv], { timeout: 30_000 });
    return `${argv[0]} ${status ?? signal}`;
  };
  expect(await ended('plan', study)).toBe('plan 0');
  expect(await ended('plan', study, '--profile', 'nope')).toBe('plan 2');
  expect(await ended('why', study, 'dens')).toBe('why 2');
  expect(await ended('graph', study)).toBe('graph 0');
  expect(await ended('run', study, '--frozen')).toBe('run 1');
});

test('plan shows what would run, as text and as JSON', async () => {
  const folder = outsideProject();
  const { code, out } = await espalier(folder, 'plan', join(folder, 'study.json'));
  expect(code).toBe(0);
  expect(out).toMatchInlineSnapshot(`
    "outside: 6 instances
      data         1 to run,    0 there  toys/stripes
                   1 x never computed
      network      1 to run,    0 there  toys/linear
                   1 x never computed; waits for data
      dense        1 to run,    0 there  core/train
                   1 x never computed; waits for network, data
      maps         1 to run,    0 there  gxi/gradient-times-input
                   1 x never computed; waits for dense, data
      mean         1 to run,    0 there  local/mean
                   1 x never computed; waits for maps
      table        1 to run,    0 there  toys/table
                   1 x never computed; waits for mean, data
    6 to run, 0 already there.
    More on one of them: espalier why <study> <instance>
    "
  `);
  const json = JSON.parse((await espalier(folder, 'plan', join(folder, 'study.json'), '--json')).out);
  expect(json.instances[0]).toMatchObject({ id: 'data', use: 'toys/stripes', status: 'run' });
});

test('parameters, stores and output folders are given on the command line', async () => {
  const folder = outsideProject();
  const [store, out] = [join(folder, 'elsewhere'), join(folder, 'results')];
  const flags = ['--param', 'epochs=3', '--store', store, '--out', out];
  const { code, out: text } = await espalier(folder, 'run', join(folder, 'study.json'), ...flags);
  expect(code).toBe(0);
  expect(text).toContain('epoch 3/3');
  expect(existsSync(join(store, 'cas'))).toBe(true);
  expect(existsSync(join(out, 'results.json'))).toBe(true);
});

test('a run leaves a record: the study, the plan and every event', async () => {
  const folder = outsideProject();
  const { out } = await espalier(folder, 'run', join(folder, 'study.json'));
  const run = /Record: (\S+)/.exec(out)![1]!;
  expect(run).toBe('<project>/.espalier/runs/<run>');
  const { readdirSync } = await import('node:fs');
  const record = join(folder, '.espalier/runs', readdirSync(join(folder, '.espalier/runs'))[0]!);
  expect(readFileSync(join(record, 'study.jsonc'), 'utf8')).toBe(readFileSync(join(folder, 'study.json'), 'utf8'));
  expect(JSON.parse(readFileSync(join(record, 'plan.json'), 'utf8')).instances).toHaveLength(6);
  const events = readFileSync(join(record, 'events.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(events[0]).toMatchObject({ type: 'run-started', study: 'outside', instances: 6 });
  expect(events.filter(({ type }) => type === 'done')).toHaveLength(6);
  expect(events.at(-1)).toMatchObject({ type: 'run-finished', status: 'ok' });
  expect(existsSync(join(record, 'results.json'))).toBe(true);
  expect(readFileSync(join(record, 'timeline.html'), 'utf8')).toContain('6 computed');
});

test('editors get a schema that knows the options of the plugins', async () => {
  const folder = outsideProject();
  const file = join(folder, 'schema.json');
  expect((await espalier(folder, 'schema', join(folder, 'study.json'), '--out', file)).code).toBe(0);
  const schema = JSON.parse(readFileSync(file, 'utf8'));
  expect(schema.$defs['gxi.gradient-times-input'].properties.scale).toMatchObject({
    description: 'factor on every value',
    default: 1,
  });
  expect(schema.$defs['toys.stripes'].properties.evalPerClass.description).toContain('images per class');
  expect(JSON.parse((await espalier(folder, 'schema')).out).$defs['core.train'].required).toEqual(['epochs']);
});

test('doctor and native go through the package that computes', async () => {
  const folder = outsideProject();
  const engine = join(folder, 'node_modules/toy-engine');
  mkdirSync(engine);
  writeFileSync(
    join(engine, 'package.json'),
    '{ "name": "toy-engine", "version": "1.0.0", "type": "module", "exports": { "import": "./engine.js" } }',
  );
  writeFileSync(
    join(engine, 'engine.js'),
    `export const engine = {
      inspect: async () => ({ engine: 'wasm', version: '4.22.0', cpuFeatures: ['simd'], cores: 2, gpu: null,
        native: { path: null, problem: 'not installed' }, advice: ['Run espalier native install.'] }),
      install: async ({ gpu, force, log }) => { log('gpu ' + gpu + ', force ' + force); return { changed: true, path: '/there', version: '2.21.0' }; },
    };`,
  );
  const before = process.cwd();
  process.chdir(folder);
  try {
    const doctor = await espalier(folder, 'doctor', '--package', 'toy-engine');
    expect(doctor.out.replace(/Node .*/, 'Node')).toMatchInlineSnapshot(`
      "Node
      Engine    wasm 4.22.0
      CPU       2 cores, simd
      GPU       none in use
      Native    not in use: not installed
      Advice    Run espalier native install.
      "
    `);
    expect(JSON.parse((await espalier(folder, 'doctor', '--json', '--package', 'toy-engine')).out)).toMatchObject({
      engine: 'wasm',
      cores: 2,
    });
    const install = await espalier(folder, 'native', 'install', '--gpu', '--package', 'toy-engine');
    expect(install).toEqual({ code: 0, out: 'gpu true, force false\nInstalled 2.21.0 at /there\n', err: '' });
    const wrong = await espalier(folder, 'doctor', '--package', 'explainer-outside');
    expect(wrong).toMatchObject({ code: 2, out: '' });
    expect(wrong.err).toMatchInlineSnapshot(`
      "error [core/plugin-invalid]: The package "explainer-outside" computes nothing: it exports no "engine" with "inspect" and "install". The standard one is @espalier/engine; choose with --package.
      "
    `);
  } finally {
    process.chdir(before);
  }
});

test('what is asked wrongly ends with 2 and says how to ask', async () => {
  const folder = outsideProject();
  const study = join(folder, 'study.json');
  const told = async (...argv: string[]) => {
    const { code, err } = await espalier(folder, ...argv);
    return `${code} ${err}`;
  };
  expect(await told('run', study, '--profile', 'cpu')).toMatchInlineSnapshot(`
    "2 error [study/profile-unknown]: <project>/study.json has a problem; nothing was run.
      --profile cpu There is no profile "cpu". There are none.
    "
  `);
  expect(await told('run', study, '--param', 'epochs')).toMatchInlineSnapshot(`
    "2 error: option '--param <name=value>' argument 'epochs' is invalid. Write it as name=value, for example epochs=3.
    "
  `);
  expect(await told('run', study, '--param', 'epochs=[3')).toMatchInlineSnapshot(`
    "2 error: option '--param <name=value>' argument 'epochs=[3' is invalid. [3 is not complete JSON. Quote it for the shell, for example 'levels=[0.3, 0.5]' or 'layer="layer4"'.
    "
  `);
  expect(await told('run', study, '--engine', 'cuda')).toMatchInlineSnapshot(`
    "2 error: option '--engine <name>' argument 'cuda' is invalid. Allowed choices are auto, tensorflow, wasm.
    "
  `);
  expect(await told('run')).toMatchInlineSnapshot(`
    "2 error: missing required argument 'study'
    "
  `);
  expect(await told('rnu', study)).toMatchInlineSnapshot(`
    "2 error: unknown command 'rnu'
    (Did you mean run?)
    "
  `);
  expect((await espalier(folder, '--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test('a failure ends with 1 and names what failed, what was skipped and what is missing', async () => {
  const folder = outsideProject();
  const study = join(folder, 'study.json');
  writeFileSync(study, readFileSync(study, 'utf8').replace('"evalPerClass": 2', '"evalPerClass": 200'));
  const { code, out } = await espalier(folder, 'run', study);
  expect(code).toBe(1);
  expect(out).toMatchInlineSnapshot(`
    "run      data
    failed   data
    error [core/options-invalid]: A balanced part of the split "val" needs 200 images per class; "dark" has 4. Ask for at most 4 per class.

      data T  0/1, 1 failed
      network T  0/1, 1 skipped
      dense T  0/1, 1 skipped
      maps T  0/1, 1 skipped
      mean T  0/1, 1 skipped
      table T  0/1, 1 skipped
      5 instances skipped because data failed

    Failed after T. Record: <project>/.espalier/runs/<run>
    missing  results.json
    missing  weights.safetensors
    "
  `);
});

test('--debug adds where an error comes from, and says the error once', async () => {
  const folder = outsideProject();
  const { err } = await espalier(folder, '--debug', 'plan', join(folder, 'study.json'), '--param', 'epoch=3');
  expect(err.match(/Did you mean "epochs"/g)).toHaveLength(1);
  expect(err).toMatch(/\n {4}at /);
});

test('a file where the outputs or the store should go is said as such', async () => {
  const folder = outsideProject();
  const study = join(folder, 'study.json');
  const taken = join(folder, 'taken');
  writeFileSync(taken, '');
  const texts = {
    '--out': 'error [store/not-writable]: The folder <project>/taken cannot be written to (E',
    '--store': 'error [files/unreadable]: Expected a folder of a store at <project>/taken, found a file. Move it away',
  };
  for (const [flag, text] of Object.entries(texts)) {
    const { code, out, err } = await espalier(folder, 'run', study, flag, taken);
    expect([code, err]).toEqual([1, '']);
    expect(out).toContain(text);
    expect(out).toMatch(/or choose another( folder)? with (--home, )?--store or --out\./);
  }
});
