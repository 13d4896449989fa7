import type { Reporter, ReportInputs } from '@espalier/core';
import { type ReporterFor, reporterLaws } from '@espalier/core/testing';
import { expect, test } from 'vitest';

let calls = 0;

// Each law must catch the mistake it exists for.
const broken: Record<keyof typeof reporterLaws, ReporterFor> = {
  'writes files that have plain names and are not empty': () => reporter(async () => '', '../report.html'),
  'writes the same bytes every time': () => reporter(async () => String(calls++)),
  'writes the same bytes in whatever order the artifacts come': () =>
    reporter(async ({ models }) => models.map(({ origin }) => origin.instance).join()),
  'reads one artifact at a time': () =>
    reporter(async ({ models }) => String((await Promise.all(models.map((entry) => entry.load()))).length)),
  'reports a run that produced nothing': () => reporter(async ({ models }) => models[0]!.origin.node),
  'goes on without what failed, and says in a file what is missing and why': () =>
    reporter(async ({ missing }) => `${missing.map(({ origin, failed }) => `${origin.instance} ${failed}`)}.`),
  'leaves the artifacts as they were': () =>
    reporter(async ({ attributions }) => {
      for (const entry of attributions) (await entry.load()).values.data.fill(0);
      return 'done';
    }),
};

test.each(Object.entries(broken))('"%s" catches a reporter that breaks it', async (law, reporterFor) => {
  await expect(reporterLaws[law]!(reporterFor)).rejects.toThrow();
});

test('every law has its broken reporter', () => {
  expect(Object.keys(broken)).toEqual(Object.keys(reporterLaws));
});

test('a reporter that keeps its promises passes every law', async () => {
  const honest = () => reporter(async ({ models, missing }) => `${models.length} models ${JSON.stringify(missing)}`);
  for (const check of Object.values(reporterLaws)) await expect(check(honest)).resolves.toBeUndefined();
});

function reporter(textOf: (inputs: ReportInputs) => Promise<string>, name = 'report.txt'): Reporter {
  return { write: async (inputs) => new Map([[name, new TextEncoder().encode(await textOf(inputs))]]) };
}
