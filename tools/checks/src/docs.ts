import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { type Entry, missingDocs } from './docs/missing-docs.ts';
import { publishedPackages, root } from './workspace.ts';

// npm run docs: what the names that packages export do not say. There are no exceptions.
const entries = publishedPackages().flatMap(({ name, folder }) => entriesOf(name, folder));
const config = ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile);
const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
const program = ts.createProgram({ rootNames: entries.map(({ file }) => file), options: { ...options, noEmit: true } });
const sentences = missingDocs(program, entries, join(root, 'packages/core/src/plugin.ts'));
for (const sentence of sentences) console.log(sentence);
console.log(
  sentences.length === 0
    ? 'docs: every exported name says what it must'
    : `docs: ${sentences.length} things are not said`,
);
process.exitCode = sentences.length === 0 ? 0 : 1;

/** The files of the source behind a package's `exports`. */
function entriesOf(name: string, folder: string): readonly Entry[] {
  const { exports = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return Object.entries(exports as Record<string, Record<string, string>>).flatMap(([path, conditions]) => {
    const source = conditions['@espalier/source'];
    return source?.endsWith('.ts') ? [{ name: join(name, path), file: join(folder, source) }] : [];
  });
}
