import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as planted from '@espalier/data-planted';
import * as metrics from '@espalier/metrics';
import { planStudy } from '@espalier/runner';
import { caseOf, mutationsOf, otherValuesOf, type Reader, type Target } from './target.ts';

const study = {
  apiVersion: 'study/v1',
  name: 'fuzz',
  plugins: { data: '@espalier/data-planted', metrics: '@espalier/metrics' },
  params: { per: [1, 2], levels: [0.1, 0.5] },
  profiles: { small: { params: { per: [1] }, compute: { engine: 'wasm' } } },
  seed: 3,
  nodes: {
    data: { use: 'data/planted', matrix: { per: { $param: 'per' } }, with: { evalPerClass: { $axis: 'per' } } },
    other: { use: 'data/planted', with: { evalPerClass: 3 }, retry: { max: 1 }, timeout: '1h' },
  },
  outputs: { 'data.json': { $from: 'data.eval' }, 'other.json': { $from: 'other.val' } },
};

/** Study files, planned. */
export function studyTarget(folder: string): Target {
  const packages = new Map<string, unknown>([
    ['@espalier/data-planted', planted],
    ['@espalier/metrics', metrics],
  ]);
  const file = join(folder, 'study.json');
  const text = JSON.stringify(study, undefined, 1);
  const seeds = [Buffer.from(text), Buffer.from(`// a comment\n${JSON.stringify(study)}`)];
  const reader: Reader = {
    place: /study\.json(:\d+:\d+ | has | is not readable)/,
    async read(input) {
      writeFileSync(file, input);
      return planStudy({ file, packages });
    },
  };
  return {
    name: 'study',
    sound: seeds.map((seed) => caseOf(reader, seed)),
    generators: [mutationsOf(reader, seeds), otherValuesOf(reader, text)],
    leaves: ['study.json', '.espalier'],
  };
}
