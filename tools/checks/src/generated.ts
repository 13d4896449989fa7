import { execFile } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageKinds } from 'create-espalier';
import { copyWorkspace } from './workspace-copy.ts';

/*
 * The generator as CONTRIBUTING tells people to use it, once for everything that it offers, in a copy of this repository; then what
 * `npm run check` does, of the whole where that is quick, of the new packages where it is not; and a plan that uses them.
 */

const kinds = Object.entries(packageKinds).map(([kind, { prefix }]) => ({
  name: 'generated',
  flags: [`--kind=${kind}`, '--skipInstall'],
  folder: `${prefix}-generated`,
}));

// npm links all of them with the last one.
const offers = [
  ...kinds,
  { name: 'two-words', flags: ['--kind=explainer', '--stochastic'], folder: 'explainer-two-words' },
];

const started = Date.now();
const copy = realpathSync(mkdtempSync(join(tmpdir(), 'espalier-generated-')));

/** Runs a command in the copy and shows it with what it printed, once it is done: two run at a time. */
async function run(command: string, ...args: readonly string[]): Promise<void> {
  const options = { cwd: copy, env: { ...process.env, NX_DAEMON: 'false' }, maxBuffer: 2 ** 26 };
  const { stdout, stderr } = await promisify(execFile)(command, args, options).catch((error) => {
    console.error(`${error.stdout}${error.stderr}`);
    throw error;
  });
  console.log(
    `$ ${command} ${args.join(' ')}\n${stdout}${stderr}(${Math.round((Date.now() - started) / 1000)} s so far)`,
  );
}

const testConfig = 'tsconfig.generated.json';
const packages = offers.map(({ folder }) => `packages/${folder}`);

async function compiled(): Promise<void> {
  await run('npx', 'tsc', '--build', ...packages);
  // Tests as the repository's own are compiled, these alone.
  const include = packages.map((folder) => `${folder}/test`);
  const built = ['core', 'engine', 'runner', 'store'].map((name) => `packages/${name}`);
  const references = [...built, ...packages].map((path) => ({ path }));
  writeFileSync(join(copy, testConfig), JSON.stringify({ extends: './tsconfig.test.json', include, references }));
  await run('npx', 'tsc', '--project', testConfig, '--noEmit', '--emitDeclarationOnly', 'false');
  // Those of one port have the same manifest.
  const linted = ['model', 'executor', 'store', 'explainer'].map((prefix) => `@espalier/${prefix}-generated`);
  await run('node', 'tools/checks/dist/package-lint.js', ...linted);
  writeFileSync(join(copy, 'study.json'), JSON.stringify(study()));
  await run('npx', 'espalier', 'plan', 'study.json');
  await run('node', 'tools/checks/dist/readmes.js', '--check');
  await run('node', 'tools/checks/dist/docs.js');
  await run('node', 'tools/checks/dist/sizes.js');
}

async function asWritten(): Promise<void> {
  await run('npm', 'run', 'lint');
  await run('npx', 'depcruise', '--config', '.dependency-cruiser.cjs', ...packages);
  await run('npx', 'knip');
  await run('npx', 'vitest', 'run', ...packages.map((folder) => `${folder}/`));
}

try {
  copyWorkspace(copy);
  for (const { name, flags } of offers) await run('npx', 'nx', 'g', '@espalier/plugin-kit:plugin', name, ...flags);
  await Promise.all([compiled(), asWritten()]);
  console.log(`generated: ${offers.length} new packages pass the checks, and a study takes them`);
} finally {
  rmSync(copy, { recursive: true, force: true });
}

/** A study that uses every new package by its name. */
function study(): unknown {
  const images = { $from: 'data.eval' };
  return {
    apiVersion: 'study/v1',
    name: 'generated',
    seed: 1,
    plugins: {
      data: '@espalier/data-generated',
      network: '@espalier/model-generated',
      pruner: '@espalier/pruner-generated',
      explainer: '@espalier/explainer-generated',
      noise: '@espalier/explainer-two-words',
      concepts: '@espalier/concepts-generated',
      metric: '@espalier/metrics-generated',
      report: '@espalier/report-generated',
    },
    nodes: {
      data: { use: 'data/generated', with: { evalPerClass: 2 } },
      network: { use: 'network/generated', in: { data: { $from: 'data.train' } } },
      prune: { use: 'pruner/generated', in: { model: { $from: 'network.model' } }, with: { sparsity: 0.5 } },
      attributions: { use: 'explainer/generated', in: { model: { $from: 'prune.model' }, images } },
      noisy: { use: 'noise/two-words', in: { model: { $from: 'prune.model' }, images } },
      concepts: { use: 'concepts/generated', in: { model: { $from: 'prune.model' }, images: { $from: 'data.val' } } },
      metric: { use: 'metric/generated', in: { attributions: { $from: 'attributions.attributions' } } },
      report: { use: 'report/generated', in: { scores: [{ $from: 'metric.scores' }], images } },
    },
  };
}
