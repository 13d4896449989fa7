import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStudy, parseLock } from '@espalier/runner';
import { expect, onTestFinished, test } from 'vitest';
import { checkClaims, publicationsOf } from '../src/claims-of-study.ts';

const folder = join(import.meta.dirname, '../../../studies');
const names = readdirSync(folder).flatMap((file) => /^([^.]+)\.json$/.exec(file)?.[1] ?? []);
const pathOf = (name: string) => join(folder, `${name}.json`);
const read = (name: string) => readFileSync(join(folder, name), 'utf8');
const literature = names.filter((name) => name !== 'resnet18-imagenette' && publicationsOf(pathOf(name)).size > 0);

function temporary(): string {
  const made = mkdtempSync(join(tmpdir(), 'espalier-studies-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

test('studies of the literature are there', () => {
  expect(literature).toEqual(
    expect.arrayContaining(['camps', 'lottery-tickets', 'sparse-transformers', 'sweet-spots', 'traffic-signs']),
  );
});

test.each(literature)('the smoke of %s has no problem, and its lock is that of its plugins', async (name) => {
  await using opened = await openStudy({ file: pathOf(name), profile: 'smoke', home: temporary() });
  const lock = parseLock(read(`${name}.lock.json`), `${name}.lock.json`);
  const used = opened.plan.instances.flatMap(({ type }) => (type.plugin ? [type] : []));
  expect(used.length).toBeGreaterThan(0);
  for (const { name: type, package: own, cacheVersion } of used)
    expect([type, lock.plugins[own.name]?.types[type]]).toEqual([type, cacheVersion]);
});

test('the README says of every study what it asks and how it is run', () => {
  for (const name of names) expect(read('README.md')).toContain(`studies/${name}.json`);
  for (const name of literature)
    for (const { url } of publicationsOf(pathOf(name)).values()) expect(read('README.md')).toContain(url);
});

test('a check that claims stand beside results finds one that does not', () => {
  const made = temporary();
  const claim = { text: 'So it is.', stands: 'abstract', test: { metric: 'm', says: 'higher' } };
  const about = { name: 'Doe', title: 'T', url: 'https://example.org/t', source: 'T', note: 'N', levels: 'nominal' };
  writeFileSync(join(made, 'doe.json'), JSON.stringify({ ...about, claims: [claim] }));
  writeFileSync(
    join(made, 'study.json'),
    JSON.stringify({ nodes: { answer: { with: { published: ['./doe.json'] } } } }),
  );
  const check = () => checkClaims(join(made, 'study.json'), join(made, 'out'), 1);
  mkdirSync(join(made, 'out/answer'), { recursive: true });
  expect(check).toThrow('expected a results.json, found none');
  const write = (published: unknown) =>
    writeFileSync(join(made, 'out/answer/results.json'), JSON.stringify({ published }));
  write([]);
  expect(check).toThrow('the claim “So it is.” of Doe is not in it');
  const judged = (asked: string[]) => [{ publication: 'Doe', text: claim.text, found: { asked } }];
  write(judged([]));
  expect(check).toThrow('expected 1 claims to be measured, found 0 of 1');
  write(judged(['claim-m']));
  expect(check()).toBe('1 published claims in 1 reports, 1 of them measured');
});
