import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { apiVersion, definePlugin } from '@espalier/core';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { temporaryFolder } from '../../store/test/temporary-folder.ts';
import { planStudy, type RunRequest } from '../src/index.ts';
import { plugins } from './toy-plugins.ts';
import { runToy, smallStudy } from './toy-study.ts';

/** Writes down how many versions were reported before its own. */
const counting = definePlugin({
  ...{ kind: 'reporter', name: 'list', cacheVersion: '1', files: ['list.txt'] },
  source: { title: 'a test', url: 'https://example.org', departures: [] },
  options: z.strictObject({}),
  create: () => ({
    write: async ({ provenance }) => new Map([['list.txt', Buffer.from(String(provenance.reportedBefore))]]),
  }),
});
const packages = new Map([
  ['toy-plugins', { apiVersion, plugins: [...plugins.filter(({ kind }) => kind !== 'reporter'), counting] }],
]);

async function toldBy(folder: string, study: unknown, request: Partial<RunRequest> = {}): Promise<number> {
  const { outputs } = await runToy(folder, study, { packages, ...request });
  return Number(readFileSync(outputs[0]!, 'utf8'));
}

test('a report knows how many other versions of its study handed out results first', async () => {
  const folder = temporaryFolder();
  const study = smallStudy();
  expect(await toldBy(folder, study)).toBe(0);
  expect(await toldBy(folder, study, { params: { epochs: 1 } })).toBe(1);
  // Another one was seen meanwhile, but not before this one's results were.
  expect(await toldBy(folder, study)).toBe(0);
  expect(await toldBy(folder, study, { params: { epochs: 1 } })).toBe(1);
  expect(await toldBy(folder, study, { profile: 'short' })).toBe(2);
  expect(
    await toldBy(
      folder,
      smallStudy((s) => Object.assign(s, { name: 'another' })),
    ),
  ).toBe(0);
});

test('what has handed out nothing counts for nothing, and the plan foresees the count', async () => {
  const folder = temporaryFolder();
  await runToy(folder, smallStudy(), { packages, select: { only: ['dense'] } });
  expect(await toldBy(folder, smallStudy(), { params: { epochs: 1 } })).toBe(0);
  const file = join(folder, 'study.json');
  await runToy(folder, smallStudy(), { packages });
  const { instances } = await planStudy({ file, packages });
  expect(instances.filter(({ status }) => status === 'run')).toEqual([]);
});
