import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { apiVersion } from '@espalier/core';
import { folderStore } from '@espalier/store';
import { quickDisk } from '../../store/test/temporary-folder.ts';
import { type RunRequest, type RunResult, runStudy, tokens } from '../src/index.ts';
import { plugins } from './toy-plugins.ts';

/** A study that trains, prunes, explains, measures and reports, on toys. */
export function toyStudy(): Record<string, unknown> {
  return structuredClone({
    apiVersion: 'study/v1',
    name: 'toy',
    plugins: { toy: 'toy-plugins' },
    seed: 7,
    params: { levels: [0.25, 0.5], seeds: [0, 1], epochs: 2 },
    profiles: { short: { params: { seeds: [0] } } },
    nodes: {
      data: { use: 'toy/noise' },
      network: { use: 'toy/tiny', in: { data: { $from: 'data.train' } }, matrix: { seed: { $param: 'seeds' } } },
      dense: {
        use: 'core/train',
        in: { model: { $from: 'network.model' }, data: { $from: 'data.train' } },
        with: { epochs: { $param: 'epochs' }, batchSize: 3 },
      },
      prune: {
        use: 'toy/first',
        in: { model: { $from: 'dense.model' }, data: { $from: 'data.train' } },
        scan: { axis: 'sparsity', over: { $param: 'levels' }, carry: { model: 'model' }, zero: 0 },
        with: { sparsity: { $axis: 'sparsity' }, finetune: { epochs: 1, batchSize: 3 } },
      },
      attr: {
        use: { $axis: 'explainer' },
        in: { model: { $from: 'prune.model' }, images: { $from: 'data.eval' } },
        matrix: { explainer: ['toy/flat', { use: 'toy/gradient', with: { steps: 3 } }] },
      },
      mass: { use: 'toy/mass', in: { attributions: { $from: 'attr.attributions' } } },
      nonzero: { use: 'toy/nonzero', in: { model: { $from: 'prune.model' }, images: { $from: 'data.val' } } },
      report: {
        use: 'toy/list',
        in: {
          scores: [{ $from: 'mass.scores' }, { $from: 'nonzero.scores' }],
          models: [{ $from: 'prune.model' }],
          attributions: { $from: 'attr.attributions' },
          images: { $from: 'data.eval' },
        },
        gather: ['seed', 'sparsity', 'explainer'],
      },
    },
    outputs: { 'list.txt': { $from: 'report.list.txt' } },
  });
}

/** Writes a study into a folder; returns its path. */
export function writeStudy(folder: string, study: unknown, name = 'study.json'): string {
  const file = join(folder, name);
  writeFileSync(file, typeof study === 'string' ? study : JSON.stringify(study, undefined, 2));
  return file;
}

/** The toy plugins, as a host program that imported them itself would give them. */
export const toyPackages: ReadonlyMap<string, unknown> = new Map([['toy-plugins', { apiVersion, plugins }]]);

/** Runs a study written into `folder`, with the toy plugins. */
export function runToy(
  folder: string,
  study: unknown,
  request: Partial<RunRequest> = {},
  disk = quickDisk,
): Promise<RunResult> {
  if (!existsSync(folder)) mkdirSync(folder, { recursive: true });
  const file = writeStudy(folder, study);
  return runStudy({
    file,
    packages: toyPackages,
    ...request,
    bind(container) {
      container.rebind(tokens.store).toConstantValue(folderStore(join(dirname(file), '.espalier', 'store'), disk));
      request.bind?.(container);
    },
  });
}

/** A change to a node of a toy study. */
export function nodeOf(study: Record<string, unknown>, name: string): Record<string, unknown> {
  return (study.nodes as Record<string, Record<string, unknown>>)[name]!; // toyStudy has them
}

/** The toy study at one seed and one level, changed by `change`. */
export function smallStudy(change: (study: Record<string, unknown>) => void = () => {}): Record<string, unknown> {
  const study = toyStudy();
  Object.assign(study.params as object, { seeds: [0], levels: [0.5] });
  change(study);
  return study;
}
