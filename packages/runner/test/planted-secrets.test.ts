import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { espalier, outsideProject } from './outside-project.ts';

// Of the user part and the query of a URL, and of the environment: with characters that URLs, JSON and shells write in other ways.
const secret = 'Zq7/v+x9"Kp';
const coded = encodeURIComponent(secret);
const forms = [secret, coded, coded.toLowerCase(), encodeURI(secret), JSON.stringify(secret).slice(1, -1)];

const inUrls = [
  `redis://:${coded}@127.0.0.1:1`,
  `redis://127.0.0.1:1/0?password=${coded}`,
  `redis://u:${secret}@127.0.0.1:1/0`,
];

afterEach(() => vi.unstubAllEnvs());

/** Runs here, tells its URL in logs and errors, and writes its task as a queue would. */
const talkative = `
  import { writeFileSync } from 'node:fs';
  import { join } from 'node:path';
  export const apiVersion = 'plugin/v1';
  export function createExecutor({ url, storeAt, startLocal }) {
    if (process.env.UNREACHABLE) throw new Error('connect ECONNREFUSED ' + url);
    const local = startLocal();
    return {
      name: 'talkative',
      slots: 2,
      run(task, watcher) {
        writeFileSync(join(storeAt, '../task.json'), JSON.stringify(task));
        watcher.log('connected to ' + url);
        if (process.env.FAILS) throw new Error('lost ' + url + ' and ' + decodeURIComponent(url));
        return local.run(task, watcher);
      },
      close: () => local.close(),
    };
  }
  export async function serveTasks({ url, log }) {
    log('listening at ' + url);
    throw new Error('lost ' + url + ' and ' + decodeURIComponent(url));
  }`;

function project(): { readonly folder: string; readonly study: string; readonly found: (told?: string) => string[] } {
  const folder = outsideProject();
  writeFileSync(join(folder, 'executor.mjs'), talkative);
  vi.stubEnv('HOME', folder);
  vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'));
  const holds = (text: string): boolean => forms.some((form) => text.includes(form));
  const found = (told = ''): string[] => {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() || entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name));
    const withSecret = files.filter((path) => holds(path) || holds(textOf(path)));
    return holds(told) ? [...withSecret, told] : withSecret;
  };
  return { folder, study: join(folder, 'study.json'), found };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // a folder
  }
}

async function toldBy(folder: string, ...commands: (readonly string[])[]): Promise<string> {
  let told = '';
  for (const argv of commands) {
    const { out, err } = await espalier(folder, ...argv);
    expect(`${out}${err}`, argv.join(' ')).not.toBe(''); // a command that says nothing shows nothing
    told += `${out}${err}\n`;
  }
  return told;
}

const looks = (folder: string, study: string): (readonly string[])[] => [
  ['runs', '--in', folder],
  ['runs', '--in', folder, '--json'],
  ['show', 'latest', '--in', folder],
  ['show', 'latest', '--in', folder, '--json'],
  ['show', 'latest', '--in', folder, '--timeline'],
  ['plan', study, '--json'],
  ['why', study, 'table', '--json'],
];

test('the search finds a secret that is there', async () => {
  const { folder, found } = project();
  expect(found()).toEqual([]);
  writeFileSync(join(folder, 'a'), `x${coded}`);
  expect(found(`b${secret}`)).toEqual([join(folder, 'a'), `b${secret}`]);
});

test.each([
  ['', 'flag', inUrls[0]!],
  ['FAILS', 'flag', inUrls[1]!],
  ['FAILS', 'environment', inUrls[2]!],
  ['UNREACHABLE', 'flag', inUrls[1]!],
  ['UNREACHABLE', 'environment', inUrls[0]!],
])('the URL of an executor (%s, by %s): %s', async (outcome, by, url) => {
  const { folder, study, found } = project();
  if (outcome !== '') vi.stubEnv(outcome, '1');
  if (by === 'environment') vi.stubEnv('ESPALIER_EXECUTOR_URL', url);
  const server = ['--executor', join(folder, 'executor.mjs'), ...(by === 'flag' ? ['--url', url] : [])];
  const told = await toldBy(
    folder,
    ['run', study, ...server],
    ['--debug', 'run', study, ...server, '--json', '--refresh', 'mean'],
    ['run', study, ...server, '--dry'],
    ['worker', ...server, '--store', join(folder, '.espalier/store')],
    ...(outcome === 'UNREACHABLE' ? [] : looks(folder, study)),
    ...(outcome === 'UNREACHABLE'
      ? []
      : [['exec-node', join(folder, '.espalier/task.json'), '--store', join(folder, '.espalier/store')]]),
  );
  expect(told).toMatch(outcome === 'UNREACHABLE' ? /ECONNREFUSED redis/ : /connected to redis/);
  expect(found(told)).toEqual([]);
});

test('the environment: keys, endpoints, and what plugins print of them', async () => {
  const { folder, study, found } = project();
  const metric = join(folder, 'local-metric/index.js');
  writeFileSync(
    metric,
    `${readFileSync(metric, 'utf8')}\nif (process.argv[1].endsWith('worker.js')) console.log('I have', process.env.AWS_SECRET_ACCESS_KEY, encodeURIComponent(process.env.AWS_SECRET_ACCESS_KEY));\n`,
  );
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', secret);
  vi.stubEnv('AWS_ENDPOINT_URL', `http://u:${coded}@127.0.0.1:1/?token=${coded}`);
  const told = await toldBy(folder, ['run', study], ...looks(folder, study), ['graph', study]);
  expect(told).toContain('I have *** ***');
  expect(found(told)).toEqual([]);
  const bucket = ['--store', 's3://bucket/prefix'];
  const refused = await toldBy(
    folder,
    ['run', study, ...bucket],
    ['plan', study, ...bucket],
    ['store', 'verify', ...bucket],
    ['why', study, 'mean', ...bucket],
  );
  expect(refused.match(/Expected in AWS_ENDPOINT_URL where a server is/g)).toHaveLength(4);
  expect(found(refused)).toEqual([]);
});

test('the flags of every command, where they are refused', async () => {
  const { folder, study, found } = project();
  const told: string[] = [];
  for (const store of [`s3://AKIA:${secret}@bucket/a`, `s3://bucket/a?token=${coded}`]) {
    const flags = ['--store', store];
    told.push(
      await toldBy(
        folder,
        ['run', study, ...flags],
        ['plan', study, ...flags],
        ['why', study, 'mean', ...flags],
        ['graph', study, ...flags, '--nope'],
      ),
      await toldBy(folder, ['exec-node', 'none.json', ...flags], ['worker', '--url', inUrls[0]!, ...flags]),
    );
  }
  for (const value of [inUrls[0]!, `"${inUrls[1]!}"`, `[${secret}`]) {
    const flags = ['--param', `epochs=${value}`, '--param', `token=${secret}`];
    told.push(
      await toldBy(
        folder,
        ['run', study, ...flags],
        ['plan', study, ...flags, '--json'],
        ['why', study, 'mean', ...flags],
        ['graph', study, ...flags],
      ),
    );
  }
  told.push(
    await toldBy(
      folder,
      ['run', `redis://:${coded}@host`],
      ['show', inUrls[0]!, '--in', folder],
      ['runs', '--in', inUrls[1]!],
      ['worker', `--ur=${inUrls[1]!}`],
      [inUrls[0]!],
    ),
  );
  expect(found(told.join('\n'))).toEqual([]);
});

test('a study that holds one is refused in every command, and is not copied', async () => {
  const { folder, study, found } = project();
  const text = readFileSync(study, 'utf8');
  for (const url of inUrls) {
    const file = join(folder, 'planted.json');
    writeFileSync(file, text.replace('"epochs": 2 }', `"epochs": 2, "from": ${JSON.stringify(url)} }`));
    const told = await toldBy(
      folder,
      ['run', file],
      ['plan', file],
      ['plan', file, '--json'],
      ['why', file, 'mean'],
      ['graph', file],
    );
    expect(told.match(/holds a password or another secret/g)).toHaveLength(5);
    expect(found(told)).toEqual([file]);
  }
});

test('a process of its own tells no more', () => {
  const { study, found } = project();
  const program = join(import.meta.dirname, '../bin/espalier.js');
  const argv = [program, '--debug', 'run', study, '--executor', './executor.mjs', '--url', inUrls[0]!];
  const env = { ...process.env, FAILS: '1', AWS_SECRET_ACCESS_KEY: secret };
  const { stdout, stderr, status } = spawnSync(process.execPath, argv, { encoding: 'utf8', env });
  expect(status).toBe(1);
  expect(stdout).toContain('lost redis://***@127.0.0.1:1');
  expect(found(stdout + stderr)).toEqual([]);
});
