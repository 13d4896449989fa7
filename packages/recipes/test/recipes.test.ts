import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const here = (path: string): URL => new URL(`../${path}`, import.meta.url);

test('every recipe is exported by its name', () => {
  const { exports } = JSON.parse(readFileSync(here('package.json'), 'utf8'));
  const named = readdirSync(here('recipes')).map((file) => {
    const { name } = JSON.parse(readFileSync(here(`recipes/${file}`), 'utf8'));
    return [`./${name}`, `./recipes/${file}`] as const;
  });
  expect(exports).toEqual(Object.fromEntries(named));
});

test.each(['quickstart', 'resnet18-imagenette', 'paper-protocol'])('the study %s is read at one sight', (name) => {
  const text = readFileSync(here(`../../studies/${name}.json`), 'utf8');
  expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(60);
});
