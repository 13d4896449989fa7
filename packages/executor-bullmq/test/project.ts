import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';

/** How long one nap takes, how many of them there are, and what else a test asks for. */
export interface StudyShape {
  readonly ms: number;
  readonly salts: readonly number[];
  /** Whether naps are long calls that hear nothing. */
  readonly busy?: boolean;
}

// Not each after its test: tests that run beside each other have no end of their own here.
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** A folder that is gone after the tests of a file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-bullmq-'));
  folders.push(folder);
  return folder;
}

/** A project of its own in `folder`, with a study that trains, explains, and naps once for every salt. */
export function newProject(folder: string, { ms, salts, busy }: StudyShape): string {
  const project = join(folder, 'project');
  cpSync(join(import.meta.dirname, '../../runner/test/fixtures/outside'), project, { recursive: true });
  renameSync(join(project, 'node_modules_'), join(project, 'node_modules')); // git ignores the real name
  const zod = dirname(createRequire(import.meta.url).resolve('zod/package.json'));
  symlinkSync(zod, join(project, 'node_modules/zod'), 'dir');
  cpSync(join(import.meta.dirname, 'fixtures/nap.mjs'), join(project, 'nap.mjs'));
  const study = {
    apiVersion: 'study/v1',
    name: 'naps',
    plugins: { toys: 'espalier-toys', gxi: 'explainer-outside', own: './nap.mjs' },
    seed: 1,
    nodes: {
      data: { use: 'toys/stripes', with: { evalPerClass: 2 } },
      network: { use: 'toys/linear', in: { data: { $from: 'data.train' } } },
      dense: {
        use: 'core/train',
        in: { model: { $from: 'network.model' }, data: { $from: 'data.train' } },
        with: { epochs: 2, batchSize: 4 },
      },
      maps: {
        use: 'gxi/gradient-times-input',
        in: { model: { $from: 'dense.model' }, images: { $from: 'data.eval' } },
      },
      nap: {
        use: 'own/nap',
        in: { attributions: { $from: 'maps.attributions' } },
        matrix: { salt: salts },
        with: { ms, salt: { $axis: 'salt' }, ...(busy && { busy }) },
      },
      table: {
        use: 'toys/table',
        in: { scores: { $from: 'nap.scores' }, images: { $from: 'data.eval' } },
        gather: ['salt'],
      },
    },
    outputs: { 'results.json': { $from: 'table.results.json' }, 'weights.safetensors': { $from: 'dense.model' } },
  };
  writeFileSync(join(project, 'study.json'), JSON.stringify(study, undefined, 2));
  return project;
}

/** What a study has computed: for every key the digest of what came of it, for every output file that of its bytes. */
export function resultsOf(project: string): ReadonlyMap<string, string> {
  const home = join(project, '.espalier');
  const results = new Map<string, string>();
  for (const file of filesUnder(join(home, 'store/keys'))) {
    const { record } = JSON.parse(readFileSync(file, 'utf8'));
    results.set(record.key, JSON.stringify(record.outputs));
  }
  for (const file of filesUnder(join(home, 'out'))) {
    results.set(file.slice(home.length), createHash('sha256').update(readFileSync(file)).digest('hex'));
  }
  return results;
}

/** Everything that happened in all runs of a project. */
export function eventsOf(project: string): readonly { readonly type: string; readonly [field: string]: unknown }[] {
  const runs = join(project, '.espalier/runs');
  if (!existsSync(runs)) return [];
  return readdirSync(runs)
    .sort()
    .map((run) => join(runs, run, 'events.ndjson'))
    .filter((file) => existsSync(file))
    .flatMap((file) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .filter(isWhole)
        .map((line) => JSON.parse(line)),
    );
}

// What a killed process was writing ends somewhere.
function isWhole(line: string): boolean {
  return line.startsWith('{') && line.endsWith('}');
}

function filesUnder(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath, entry.name));
}
