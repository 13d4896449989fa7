import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

interface Rule {
  readonly name: string;
}

const root = resolve(import.meta.dirname, '../../..');
const { forbidden } = createRequire(import.meta.url)(join(root, '.dependency-cruiser.cjs')) as {
  forbidden: readonly Rule[];
};

/** For each rule, files that break it: what the first one imports is written beside it. */
const broken: Readonly<Record<string, readonly [file: string, imports: string]>> = {
  'no-cycles': ['packages/core/src/a-cycle.ts', 'packages/core/src/its-other-half.ts'],
  'no-unresolved': ['packages/core/src/a-name.ts', './that-is-not-there.ts'],
  'packages-import-core-only': ['packages/pruner-mine/src/it.ts', 'packages/explainer-mine/src/index.ts'],
  'models-imports-what-stands-below': ['packages/model-mine/src/it.ts', 'packages/runner/src/index.ts'],
  'nn-imports-what-stands-below': ['packages/nn/src/it.ts', 'packages/model-mine/src/index.ts'],
  'engine-imports-what-stands-below': ['packages/engine/src/it.ts', 'packages/nn/src/index.ts'],
  'native-tensorflow-imports-what-stands-below': [
    'packages/native-tensorflow/src/it.ts',
    'packages/engine/src/index.ts',
  ],
  'executors-import-core-and-types-of-runner-and-store': [
    'packages/executor-mine/src/it.ts',
    'packages/report/src/index.ts',
  ],
  'executors-run-no-code-of-the-runner': ['packages/executor-mine/src/code.ts', 'packages/runner/src/index.ts'],
  'drivers-of-stores-import-core-and-types-of-the-store': [
    'packages/store-mine/src/it.ts',
    'packages/runner/src/index.ts',
  ],
  'drivers-of-stores-run-no-code-of-the-store': ['packages/store-mine/src/code.ts', 'packages/store/src/index.ts'],
  'data-sets-import-core-libraries-and-data-folder': ['packages/data-mine/src/it.ts', 'packages/runner/src/index.ts'],
  'study-imports-what-stands-below': ['packages/study/src/it.ts', 'packages/runner/src/index.ts'],
  'store-imports-what-stands-below': ['packages/store/src/it.ts', 'packages/study/src/index.ts'],
  'runner-imports-what-stands-below': ['packages/runner/src/it.ts', 'packages/report/src/index.ts'],
  'libraries-import-core-and-libraries': ['packages/numerics/src/it.ts', 'packages/engine/src/index.ts'],
  'analysis-draws-nothing': ['packages/analysis/src/it.ts', 'packages/html/src/index.ts'],
  'core-imports-no-package': ['packages/core/src/it.ts', 'packages/numerics/src/index.ts'],
  'inversify-in-one-file': ['packages/runner/src/runs/container.ts', 'inversify'],
  'tensorflow-in-engine': ['packages/nn/src/tensors.ts', '@tensorflow/tfjs-core'],
  'vitest-in-tests-and-laws': ['packages/runner/src/runs/laws.ts', 'vitest'],
  'packages-import-no-tools': ['packages/report/src/it.ts', 'tools/checks/src/workspace.ts'],
};

/** A rule on the order of folders is broken by the first importing the second. */
function exampleOf(name: string): readonly [string, string] {
  const [, inside, first, second] = /^([a-z-]+?)-([a-z-]+)-comes-before-([a-z-]+)$/.exec(name) ?? [];
  if (first === undefined) return broken[name] ?? [`packages/core/src/${name}.ts`, 'an-example-is-missing'];
  return [`packages/${inside}/src/${first}/it.ts`, `packages/${inside}/src/${second}/index.ts`];
}

const folder = mkdtempSync(join(tmpdir(), 'espalier-layers-'));
let found: ReadonlySet<string>;

beforeAll(() => {
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  };
  for (const { name } of forbidden) {
    const [file, imports] = exampleOf(name);
    const isPath = imports.startsWith('packages/') || imports.startsWith('tools/');
    const specifier = isPath ? relative(dirname(file), imports) : imports;
    // By type alone where the rule is not about code that runs: such imports count, too.
    const keyword = name.includes('run-no-code') ? 'export' : 'export type';
    write(file, `${keyword} { it } from '${specifier.startsWith('.') || !isPath ? specifier : `./${specifier}`}';\n`);
    if (isPath && name !== 'no-cycles') write(imports, 'export const it = 1;\n');
    if (!isPath && !imports.startsWith('.')) write(`node_modules/${imports}/index.js`, 'exports.it = 1;\n');
  }
  write('packages/core/src/its-other-half.ts', "export type { it } from './a-cycle.ts';\n");
  for (const file of ['.dependency-cruiser.cjs', 'tsconfig.base.json']) cpSync(join(root, file), join(folder, file));
  found = violated();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function violated(): ReadonlySet<string> {
  const program = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const asked = ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'packages'];
  const report = execFileSync(process.execPath, [program, ...asked], { cwd: folder, encoding: 'utf8' });
  const { summary } = JSON.parse(report) as { summary: { violations: readonly { rule: Rule }[] } };
  return new Set(summary.violations.map(({ rule }) => rule.name));
}

test.each(forbidden.map(({ name }) => name))('%s is a rule that a broken example breaks', (name) => {
  expect(found).toContain(name);
});
