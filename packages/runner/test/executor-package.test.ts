import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { espalier, outsideProject } from './outside-project.ts';

afterEach(() => vi.unstubAllEnvs());

/** A project with an executor of its own in `executor.mjs`: this machine's, which notes what it is given. */
function withExecutor(code: string): { readonly folder: string; readonly study: string } {
  const folder = outsideProject();
  writeFileSync(join(folder, 'executor.mjs'), `${code}\nexport const apiVersion = 'plugin/v1';`);
  return { folder, study: join(folder, 'study.json') };
}

const noting = `
  import { appendFileSync } from 'node:fs';
  import { join } from 'node:path';
  export function createExecutor({ url, storeAt, startLocal }) {
    const local = startLocal();
    const note = (line) => appendFileSync(join(storeAt, '../noted'), line + '\\n');
    return {
      name: 'noting',
      slots: 2,
      run(task, watcher) { note(task.origin.instance + ' for ' + url); return local.run(task, watcher); },
      async close() { note('closed'); await local.close(); },
    };
  }`;

const results = (folder: string) => readFileSync(join(folder, '.espalier/out/outside/results.json'), 'utf8');

test('a package named on the command line runs the instances, with the keys and bytes of this machine', async () => {
  const { folder, study } = withExecutor(noting);
  const url = 'redis://me:secret@127.0.0.1:1';
  const run = await espalier(folder, 'run', study, '--executor', './executor.mjs', '--url', url);
  expect(run.err).toBe('');
  expect(run.code).toBe(0);
  const noted = readFileSync(join(folder, '.espalier/noted'), 'utf8').trim().split('\n');
  expect(noted.at(-1)).toBe('closed');
  const ran = ['data', 'dense', 'maps', 'mean', 'network', 'table'];
  expect(noted.slice(0, -1).sort()).toEqual(ran.map((instance) => `${instance} for ${url}`));
  const here = await espalier(folder, 'run', study);
  expect(here.out.match(/^cached/gm)).toHaveLength(6);
  const alone = outsideProject();
  await espalier(alone, 'run', join(alone, 'study.json'));
  expect(results(folder)).toBe(results(alone));
});

test('the credentials of a URL are in no record, from the command line or the environment', async () => {
  const { folder, study } = withExecutor(noting);
  const filesWith = (secret: string) =>
    readdirSync(join(folder, '.espalier'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== 'noted')
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => readFileSync(path).includes(secret));
  await espalier(folder, 'run', study, '--executor', './executor.mjs', '--url=redis://me:s3cr/t@host/0');
  expect(filesWith('--url=redis://***@host/0')).not.toEqual([]);
  expect(filesWith('s3cr/t')).toEqual([]);
  vi.stubEnv('ESPALIER_EXECUTOR_URL', 'redis://me:h1dd3n@host');
  await espalier(folder, 'run', study, '--executor', './executor.mjs', '--refresh', 'mean');
  expect(readFileSync(join(folder, '.espalier/noted'), 'utf8')).toContain('mean for redis://me:h1dd3n@host');
  expect(filesWith('h1dd3n')).toEqual([]);
});

test('where something else computes than the key says, nothing is computed', async () => {
  const { folder, study } = withExecutor(`
    export function createExecutor({ startLocal }) {
      const local = startLocal();
      const numerics = { engine: 'javascript', version: '2', inference: 'exact', training: 'exact' };
      return { ...local, name: 'elsewhere', numericsOf: async () => numerics };
    }`);
  const run = await espalier(folder, 'run', study, '--executor', './executor.mjs');
  expect(run.code).toBe(1);
  expect(run.out).toContain(
    'The run computes with javascript 2 (inference exact, training exact), this process with javascript 1 (inference exact, training exact). ' +
      'Make the engines of all machines the same (espalier doctor), or choose one with --engine.',
  );
});

test('what an executor says is done must be in the store', async () => {
  const { folder, study } = withExecutor(`
    export const createExecutor = () => ({ name: 'liar', slots: 1, run: async () => ({}), async close() {} });`);
  const run = await espalier(folder, 'run', study, '--executor', './executor.mjs');
  expect(run.code).toBe(1);
  expect(run.out).toContain(
    'The executor "./executor.mjs" says that data is done, but the store <project>/.espalier/store has no record of it. ' +
      'Does every machine see the same store?',
  );
});

test('a short name is that of a package of ours', async () => {
  const { folder, study } = withExecutor('');
  const run = await espalier(folder, 'run', study, '--executor', 'slurm');
  expect(run.err).toBe(
    'error [runner/plugin-not-found]: There is no package "@espalier/executor-slurm". Install it:  npm install @espalier/executor-slurm\n',
  );
});

test('planning asks no executor', async () => {
  const { folder, study } = withExecutor('throw new Error("imported");');
  expect((await espalier(folder, 'run', study, '--dry', '--executor', './executor.mjs')).code).toBe(0);
});

test('an executor that cannot be had is told, without credentials', async () => {
  const told = async (code: string, name = './executor.mjs') => {
    const { folder, study } = withExecutor(code);
    const run = await espalier(folder, 'run', study, '--executor', name, '--url', 'redis://me:secret@host');
    expect(run.code).toBe(2);
    return run.err;
  };
  expect(await told('', '@somebody/executor-none')).toMatchInlineSnapshot(`
    "error [runner/plugin-not-found]: There is no package "@somebody/executor-none". Install it:  npm install @somebody/executor-none
    "
  `);
  expect(await told('export const other = 1;')).toMatchInlineSnapshot(`
    "error [core/plugin-invalid]: The package "./executor.mjs" exports no function createExecutor, so it is no executor. Name another with --executor.
    "
  `);
  expect(await told('export const createExecutor = () => ({ name: "x", slots: 0 });')).toMatchInlineSnapshot(`
    "error [core/plugin-invalid]: createExecutor of "./executor.mjs" returned no executor: expected name, slots (a whole number from 1 on), run and close. Tell whoever publishes it.
    "
  `);
  expect(
    await told('export const createExecutor = ({ url }) => { throw new Error("no answer from " + url); };'),
  ).toMatchInlineSnapshot(`
    "error [core/plugin-invalid]: The executor "./executor.mjs" could not be started: no answer from redis://***@host
    "
  `);
});
