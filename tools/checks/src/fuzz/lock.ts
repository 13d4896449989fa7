import { parseLock } from '@espalier/runner';
import { caseOf, mutationsOf, otherValuesOf, type Reader, type Target } from './target.ts';

const lock = {
  lockVersion: 1,
  plugins: { '@espalier/metrics': { version: '0.1.0', code: null, types: { gini: '2' } } },
  data: [{ type: '@espalier/data-planted/planted', options: { evalPerClass: 1 }, parts: { train: 'ab', val: 'cd' } }],
};

/** Lock files, parsed. */
export function lockTarget(): Target {
  const seeds = [Buffer.from(JSON.stringify(lock, undefined, 2))];
  const reader: Reader = {
    place: /study\.lock\.json(:\d+:\d+ | has | is not)/,
    read: (input) => parseLock(new TextDecoder().decode(input), 'study.lock.json'),
  };
  return {
    name: 'lock',
    sound: seeds.map((seed) => caseOf(reader, seed)),
    generators: [mutationsOf(reader, seeds), otherValuesOf(reader, JSON.stringify(lock, undefined, 1))],
  };
}
