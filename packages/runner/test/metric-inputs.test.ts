import { readFileSync } from 'node:fs';
import { apiVersion, declaredPlugins } from '@espalier/core';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../store/test/temporary-folder.ts';
import { plugins } from './toy-plugins.ts';
import { nodeOf, runToy, toyStudy } from './toy-study.ts';

/** The toy study with concepts of one seed's models, a null drawn three times, and a metric that counts banks. */
function studyOfConcepts(): Record<string, unknown> {
  const study = toyStudy();
  const model = { model: { $from: 'dense.model' }, images: { $from: 'data.val' } };
  study.params = { levels: [0.5], seeds: [0], epochs: 1 };
  Object.assign(study.nodes as object, {
    concepts: { use: 'toy/one', in: model },
    nulls: { use: 'toy/one', in: model, matrix: { draw: [1, 2, 3] } },
    alone: { use: 'toy/banks', in: { concepts: { $from: 'concepts.concepts' } } },
    beside: {
      use: 'toy/banks',
      in: { concepts: { $from: 'concepts.concepts' }, nullConcepts: { $from: 'nulls.concepts' } },
      gather: ['draw'],
    },
  });
  Object.assign(nodeOf(study, 'report').in as object, {
    scores: [{ $from: 'alone.scores' }, { $from: 'beside.scores' }],
  });
  return study;
}

test('an optional input may be left out, and the draws of a null are gathered', async () => {
  const { status, outputs } = await runToy(temporaryFolder(), studyOfConcepts());
  expect(status).toBe('ok');
  const lines = readFileSync(outputs[0]!, 'utf8').split('\n');
  // Three classes have a bank each; every draw has three more.
  expect(lines).toContain('alone[seed=0] banks [3,0]');
  expect(lines).toContain('beside[seed=0] banks [3,9]');
});

test('a null that is not gathered is one draw per instance', async () => {
  const study = studyOfConcepts();
  delete nodeOf(study, 'beside').gather;
  (nodeOf(study, 'report').gather as string[]).push('draw');
  const { outputs } = await runToy(temporaryFolder(), study);
  const lines = readFileSync(outputs[0]!, 'utf8').split('\n');
  expect(lines.filter((line) => line.startsWith('beside'))).toEqual([
    'beside[draw=1,seed=0] banks [3,3]',
    'beside[draw=2,seed=0] banks [3,3]',
    'beside[draw=3,seed=0] banks [3,3]',
  ]);
});

test('optional inputs that no metric can have are refused with the package', () => {
  const banks = plugins.find(({ name }) => name === 'banks')!;
  expect(() =>
    declaredPlugins({ apiVersion, plugins: [{ ...banks, optionalInputs: ['nulls'] }] }, 'a-package'),
  ).toThrow(
    'The package "a-package" is not a plugin package: entry 0 of its "plugins" ("banks") has "optionalInputs" that are ' +
      'not a list of what a metric may measure.',
  );
});
