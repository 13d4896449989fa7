import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type Fault, s3Server, secret } from './s3-server.ts';

const command = join(import.meta.dirname, '../../runner/bin/espalier.js');

/** A machine with a project of its own, and nothing in its caches. */
function machine(endpoint: string) {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-s3-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const project = join(folder, 'project');
  cpSync(join(import.meta.dirname, '../../runner/test/fixtures/outside'), project, { recursive: true });
  renameSync(join(project, 'node_modules_'), join(project, 'node_modules')); // git ignores the real name
  symlinkSync(
    dirname(createRequire(import.meta.url).resolve('zod/package.json')),
    join(project, 'node_modules/zod'),
    'dir',
  );
  const environment = {
    ...process.env,
    XDG_CACHE_HOME: join(folder, 'cache'),
    AWS_ACCESS_KEY_ID: 'me',
    AWS_SECRET_ACCESS_KEY: secret,
    AWS_ENDPOINT_URL: endpoint,
    ESPALIER_S3_TIMEOUT: '0.5',
  };
  const start = (more: NodeJS.ProcessEnv, ...args: string[]) => {
    const child = spawn(process.execPath, [command, ...args], { cwd: project, env: { ...environment, ...more } });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    return { child, ended: ended.then((code) => ({ code, output })) };
  };
  return {
    project,
    results: () => readFileSync(join(project, '.espalier/out/outside/results.json'), 'utf8'),
    start,
    espalier: (...args: string[]) => start({}, ...args).ended,
  };
}

const store = ['--store', 's3://studies/lab'];

test('a study is run on one machine and found on another, with the bytes of a folder', async () => {
  const server = await s3Server();
  const [first, second, alone] = [machine(server.endpoint), machine(server.endpoint), machine(server.endpoint)];
  const ran = await first.espalier('run', 'study.json', ...store);
  expect(ran.code, ran.output).toBe(0);
  const planned = await second.espalier('plan', 'study.json', ...store);
  expect(planned.output).toContain('0 to run, 6 already there.');
  const found = await second.espalier('run', 'study.json', ...store);
  expect(found.output.match(/^cached/gm), found.output).toHaveLength(6);
  await alone.espalier('run', 'study.json');
  expect(second.results()).toBe(first.results());
  expect(alone.results()).toBe(first.results());
  const inFolder = readdirSync(join(alone.project, '.espalier/store/cas/sha256'), { recursive: true }).filter(isDigest);
  const inBucket = [...server.objects.keys()]
    .filter((name) => name.startsWith('lab/cas/'))
    .map((name) => name.split('/').at(-1));
  expect(inBucket.sort()).toEqual(inFolder.map((name) => String(name).split('/').at(-1)).sort());
  expect([...server.objects.keys()].filter((name) => /leases|checkpoints/.test(name))).toEqual([]); // given up, cleared
  expect(await second.espalier('store', 'verify', ...store)).toEqual({
    code: 0,
    output: 's3://studies/lab is whole.\n',
  });
});

test('two machines that start together compute each instance once', async () => {
  const server = await s3Server();
  const machines = [machine(server.endpoint), machine(server.endpoint)];
  const runs = await Promise.all(machines.map(({ espalier }) => espalier('run', 'study.json', ...store)));
  expect(runs.map(({ code }) => code)).toEqual([0, 0]);
  const done = runs.flatMap(({ output }) => output.match(/^done .*\[?/gm) ?? []);
  expect(done).toHaveLength(6);
  expect(machines[0]!.results()).toBe(machines[1]!.results());
});

const passing: readonly Fault[] = [
  'reply lost',
  'failed after',
  null,
  'truncated',
  'silence',
  'drip',
  { status: 503, code: 'SlowDown' },
  'flipped',
];

test('a run ends as ever when every third request goes wrong, and heals what is damaged in the bucket', async () => {
  const server = await s3Server();
  const [first, second, alone] = [machine(server.endpoint), machine(server.endpoint), machine(server.endpoint)];
  let count = 0;
  server.fault = (request) => {
    const fault = ++count % 3 === 0 ? passing[(count / 3) % passing.length] : undefined;
    return fault === 'flipped' && request === 'GET ' ? undefined : fault; // names of a list have no digest
  };
  const ran = await first.espalier('run', 'study.json', ...store);
  expect(ran.code, ran.output).toBe(0);
  server.fault = () => undefined;
  await alone.espalier('run', 'study.json');
  expect(first.results()).toBe(alone.results());
  expect([...server.objects.keys()].filter((name) => /leases|checkpoints/.test(name))).toEqual([]);
  const blobs = [...server.objects].filter(([name]) => name.startsWith('lab/cas/'));
  for (const [name, bytes] of blobs) server.objects.set(name, Buffer.from(bytes.map((byte) => byte ^ 1)));
  const found = await second.espalier('run', 'study.json', ...store);
  expect(found.output).toMatch(
    /results\.json\nerror \[store\/corrupt\]: s3:.* read twice\. .* run the study once more/,
  );
  const healed = await second.espalier('run', 'study.json', ...store);
  expect(healed.code, healed.output).toBe(0);
  expect(second.results()).toBe(alone.results());
});

test('a run whose server falls silent ends with the object it asked for, at Ctrl-C at once, and goes on later', async () => {
  const server = await s3Server();
  const { espalier, start } = machine(server.endpoint);
  server.fault = (request) => (request.startsWith('PUT lab/cas/') ? 'silence' : undefined);
  const ran = await espalier('run', 'study.json', ...store);
  expect(ran.code).toBe(1);
  expect(ran.output).toMatch(/\[store-s3\/unreachable\].* PUT cas\/sha256\/\S+ ended \d times with no answer in 0.5 s/);
  server.fault = (request) => (request.startsWith('GET lab/keys/') ? 'silence' : undefined);
  const stopped = start({ ESPALIER_S3_TIMEOUT: '60' }, 'run', 'study.json', ...store);
  await vi.waitUntil(() => server.asked.at(-1)?.startsWith('GET lab/keys/'), 20_000);
  const since = performance.now();
  stopped.child.kill('SIGINT');
  expect((await stopped.ended).code).toBe(130);
  expect(performance.now() - since).toBeLessThan(10_000);
  server.fault = () => undefined;
  expect((await espalier('run', 'study.json', ...store)).code).toBe(0);
});

test('a store that no package opens is said', async () => {
  const { espalier } = machine('http://127.0.0.1:1');
  const none = await espalier('run', 'study.json', '--store', 'gs://studies');
  expect(none.output).toBe(
    'error [runner/plugin-not-found]: There is no package "@espalier/store-gs". Install it:  npm install @espalier/store-gs\n',
  );
});

function isDigest(name: unknown): boolean {
  return /[0-9a-f]{64}$/.test(String(name));
}
