import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageKinds } from 'create-espalier';
import { packAll, root } from './workspace.ts';

/*
 * The packages as a stranger gets them: packed, and installed from the tarballs into an empty folder without links to this repository.
 * There create-espalier makes a package of every kind; each passes its own test, is packed and installed as a published one would be,
 * and a study names all of them. One install serves all.
 */

const kinds = Object.keys(packageKinds);
const project = mkdtempSync(join(tmpdir(), 'espalier-packed-'));
const started = Date.now();

const told = (text: string): void =>
  console.log(`${text.replaceAll(project, '.')} (${Math.round((Date.now() - started) / 1000)} s so far)`);

const run = (command: string, args: readonly string[], cwd = project): void => {
  told(`$ ${[command, ...args].join(' ')}`);
  execFileSync(command, args, { cwd, stdio: 'inherit' });
};

/** Runs a command in each folder, two at a time, and shows what it printed where it failed. */
async function inEach(folders: readonly string[], command: string, ...args: readonly string[]): Promise<void> {
  const left = [...folders];
  const lane = async (): Promise<void> => {
    for (let folder = left.shift(); folder !== undefined; folder = left.shift()) {
      await promisify(execFile)(command, args, { cwd: join(project, folder), maxBuffer: 2 ** 26 }).catch((error) => {
        console.error(`${error.stdout}${error.stderr}`);
        throw error;
      });
      told(`${folder} $ ${[command, ...args].join(' ')}`);
    }
  };
  await Promise.all([lane(), lane()]);
}

try {
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'a-stranger', private: true, type: 'module' }));
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const tools = ['@types/node', 'typescript', 'vitest'].map((name) => `${name}@${devDependencies[name]}`);
  run('npm', ['install', '--no-audit', '--no-fund', ...packAll(project), ...tools]);
  for (const kind of kinds) run('npx', ['create-espalier', `own-${kind}`, '--kind', kind, '--no-git']);
  const folders = kinds.map((kind) => `own-${kind}`);
  await inEach(folders, 'npm', 'test');
  await inEach(folders, 'npx', 'espalier', 'plan', 'study.json');
  await inEach(folders, 'npm', 'pack', '--silent', '--ignore-scripts', '--pack-destination', project);
  const own = kinds.map((kind) => `./${nameOf(kind)}-0.1.0.tgz`);
  run('npm', ['install', '--no-audit', '--no-fund', ...own]);
  writeFileSync(join(project, 'study.json'), JSON.stringify(study(), null, 2));
  const places = ['--executor', 'own-executor', '--store', `own-store://${project}/objects`];
  run('npx', ['espalier', 'run', 'study.json', '--out', 'out', ...places]);
  expectWords();
  told(
    `packed: from the tarballs alone, packages of ${kinds.length} kinds were made and tested, and a study ran that names them all`,
  );
} finally {
  rmSync(project, { recursive: true, force: true });
}

function nameOf(kind: string): string {
  return kind === 'executor' || kind === 'store' ? `espalier-${kind}-own-${kind}` : `own-${kind}`;
}

/** A study whose every step is of a package that is not ours, but for training and what is measured besides; with recipes. */
function study(): unknown {
  const model = { $from: 'prune.model' };
  const images = { $from: 'data.eval' };
  const use = (kind: string) => `${kind}/own-${kind}`;
  const scores = [{ $from: 'explain.scores' }, { $from: 'metric.scores' }, { $from: 'quality.scores' }];
  const handed = {
    models: [model],
    scores,
    attributions: [{ $from: 'explain.attributions' }],
    concepts: [{ $from: 'concepts.concepts' }],
    images,
  };
  const plugins = ['dataset', 'model', 'pruner', 'explainer', 'concepts', 'metric', 'reporter'];
  return {
    apiVersion: 'study/v1',
    name: 'all-kinds',
    plugins: {
      ...Object.fromEntries(plugins.map((kind) => [kind, `own-${kind}`])),
      banks: '@espalier/metrics-concepts',
      report: '@espalier/report',
    },
    seed: 1,
    nodes: {
      data: { use: use('dataset'), with: { evalPerClass: 4 } },
      network: { use: use('model'), in: { data: { $from: 'data.train' } } },
      prune: {
        use: use('pruner'),
        in: { model: { $from: 'dense.model' } },
        scan: { axis: 'sparsity', over: [0.5], carry: { model: 'model' }, zero: 0 },
        with: { sparsity: { $axis: 'sparsity' } },
      },
      metric: { use: use('metric'), in: { attributions: { $from: 'explain.attributions' } } },
      concepts: { use: use('concepts'), in: { model, images: { $from: 'data.val' } } },
      quality: {
        use: 'banks/reconstruction',
        in: { model, images: { $from: 'data.val' }, concepts: { $from: 'concepts.concepts' } },
      },
      report: { use: 'report/report', in: handed },
      table: { use: use('reporter'), in: handed },
    },
    include: {
      dense: {
        recipe: '@espalier/recipes/train',
        in: { model: { $from: 'network.model' }, data: { $from: 'data' } },
        with: { epochs: 3, learningRate: 0.05, crop: null },
      },
      explain: {
        recipe: '@espalier/recipes/explain',
        in: { model, data: { $from: 'data' } },
        with: { explainers: ['explainer/own-explainer'] },
      },
    },
    outputs: {
      'report.html': { $from: 'report.report.html' },
      'results.json': { $from: 'report.results.json' },
      'own-reporter.md': { $from: 'table.own-reporter.md' },
    },
  };
}

/** What each kind calls itself stands where people read it. */
function expectWords(): void {
  const expected: Readonly<Record<string, readonly string[]>> = {
    'report.html': ['Own explainer', 'Own metric', 'own-concepts', 'own-model', 'own-pruner', 'own-dataset'],
    'results.json': ['explainer/own-explainer', 'place of attributions', 'pruner/own-pruner'],
    'own-reporter.md': ['Own metric'],
  };
  for (const [file, words] of Object.entries(expected)) {
    const path = join(project, 'out', file);
    if (!existsSync(path)) throw new Error(`The packed study wrote no ${file}.`);
    const text = readFileSync(path, 'utf8');
    for (const word of words) if (!text.includes(word)) throw new Error(`${file} does not say "${word}".`);
  }
  if (!existsSync(join(project, 'objects/objects/keys')))
    throw new Error('The store of a package of its own holds no results.');
}
