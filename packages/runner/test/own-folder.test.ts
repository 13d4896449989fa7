import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { espalier, outsideProject } from './outside-project.ts';

/** The project outside the repository, with its metric in the study's own folder. */
function project(specifier: string): { folder: string; study: string } {
  const folder = outsideProject();
  cpSync(join(folder, 'local-metric'), folder, { recursive: true });
  const study = join(folder, 'study.json');
  const text = readFileSync(study, 'utf8');
  writeFileSync(study, text.replace('"./local-metric"', JSON.stringify(specifier)));
  return { folder, study };
}

test.each(['.', './'])(
  'a study names its own folder %j as a package, and what it made is there again',
  async (specifier) => {
    const { folder, study } = project(specifier);
    const first = await espalier(folder, 'run', study);
    expect(first.err).toBe('');
    expect(first.code).toBe(0);
    writeFileSync(study, readFileSync(study, 'utf8').replace('// One explainer', '// The explainer'));
    const { out } = await espalier(folder, 'plan', study);
    expect(out).toContain('mean         0 to run,    1 there  local/mean');
  },
);

test("an edit of the code in the study's own folder makes its results again", async () => {
  const { folder, study } = project('.');
  await espalier(folder, 'run', study);
  const file = join(folder, 'index.js');
  writeFileSync(file, readFileSync(file, 'utf8').replace('// A metric', '// The metric'));
  const { out } = await espalier(folder, 'plan', study);
  expect(out).toContain('mean         1 to run,    0 there  local/mean');
  expect(out).toContain('maps         0 to run,    1 there');
});
