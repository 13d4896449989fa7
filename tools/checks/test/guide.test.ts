import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageKinds } from 'create-espalier';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const guide = join(root, 'docs/guide');
const page = (kind: string) => readFileSync(join(guide, `${kind}.md`), 'utf8');
const kinds = Object.keys(packageKinds);
const place = /<!-- code of (\S+) -->\n(?:.|\n)*?<!-- end of code -->/g;

/** The page with the code of the files that it names, which are compiled and whose tests run. */
function withCode(text: string): string {
  return text.replaceAll(place, (_, path: string) => {
    const code = readFileSync(join(root, path), 'utf8').trimEnd();
    return `<!-- code of ${path} -->\n\n\`\`\`ts\n${code}\n\`\`\`\n\n<!-- end of code -->`;
  });
}

test('there is a page for every kind of package, and no other', () => {
  const pages = readdirSync(guide).filter((name) => name !== 'README.md');
  expect(pages).toEqual(kinds.map((kind) => `${kind}.md`).sort());
  for (const kind of kinds) expect(page('README')).toContain(`(${kind}.md)`);
});

// Written by `npx vitest run tools/checks/test/guide.test.ts -u`.
test.each(kinds)('the example on the page of a %s is code that is compiled and tested', async (kind) => {
  const text = page(kind);
  expect([...text.matchAll(place)].map(([, path]) => path)).toEqual([
    `packages/create-espalier/templates/${kind}/src/my-plugin.ts`,
  ]);
  await expect(withCode(text)).toMatchFileSnapshot(join(guide, `${kind}.md`));
});

test.each([...kinds, 'README'])('the links on the page %s lead somewhere', (kind) => {
  const links = [...page(kind).matchAll(/\]\(([^)#:]+)\)/g)].map(([, path]) => path!);
  for (const path of links) expect(existsSync(join(guide, dirname(path), path.split('/').at(-1)!)), path).toBe(true);
});

test.each(kinds)('the page of a %s has its port, its laws and mistakes', (kind) => {
  const headings = [...page(kind).matchAll(/^#{1,2} (.*)$/gm)].map(([, heading]) => heading);
  expect(headings.slice(1)).toEqual(['An example, complete', 'The laws', 'Mistakes that people make']);
});
