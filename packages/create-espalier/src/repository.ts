import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type PackageKind, packageKinds } from './kinds.ts';
import { type MethodFiles, methodFiles } from './method-files.ts';
import { packagesOf, studyOf } from './study.ts';

/** What a new package is built with: what this one was tested with. A test holds them to the workspace's. */
export const versions = { '@types/node': '^20.19.0', typescript: '^6.0.3', vitest: '^4.1.12', zod: '^4.6.7' } as const;

// Of all packages of Espalier: those of one minor version fit together.
const espalier = '^0.1.0';

/** The repository that is wanted. */
interface WantedRepository {
  readonly kind: PackageKind;
  /** Of the method, in kebab-case. */
  readonly name: string;
  readonly packageName: string;
  readonly isStochastic?: boolean | undefined;
}

/** All files of a repository of one's own, by path. */
export function repositoryFiles(wanted: WantedRepository): MethodFiles {
  const { kind, name, packageName } = wanted;
  const { 'README.md': about, ...method } = methodFiles(wanted);
  return {
    ...method,
    'README.md': `${about}\n${development(kind, name)}`,
    'package.json': json(manifest(kind, packageName)),
    'tsconfig.json': json(tsconfig),
    'study.json': json(studyOf(kind, packageName, name)),
    '.gitignore': 'node_modules/\ndist/\n.espalier/\n*.log\n',
    '.github/workflows/ci.yml': workflow(kind, name),
    LICENSE: readFileSync(fileURLToPath(new URL('../LICENSE', import.meta.url)), 'utf8'),
  };
}

function manifest(kind: PackageKind, packageName: string): object {
  const { what, port } = packageKinds[kind];
  const ports = ['@espalier/core', ...(port === 'core' ? [] : [`@espalier/${port}`])];
  const used = [
    '@espalier/core',
    '@espalier/runner',
    ...ports,
    ...packagesOf(kind),
    ...(kind === 'model' ? ['@espalier/engine'] : []),
  ];
  const { zod, ...tools } = versions;
  return {
    name: packageName,
    version: '0.1.0',
    description: `${what} for Espalier.`,
    license: 'Apache-2.0',
    type: 'module',
    engines: { node: '>=20.19' },
    exports: { '.': { types: './dist/src/index.d.ts', default: './dist/src/index.js' } },
    files: ['dist/src'],
    sideEffects: false,
    keywords: ['espalier', ...(port === 'core' ? ['espalier-plugin'] : [`espalier-${kind}`])],
    scripts: { build: 'tsc', test: 'tsc && vitest run --dir test', prepack: 'tsc' },
    peerDependencies: sorted(ports),
    ...(port === 'core' && { dependencies: { ...(kind === 'model' && sorted(['@espalier/nn'])), zod } }),
    devDependencies: { ...sorted(used), ...tools },
  };
}

function sorted(names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries([...new Set(names)].sort().map((name) => [name, espalier]));
}

const tsconfig = {
  compilerOptions: {
    target: 'ES2022',
    module: 'NodeNext',
    lib: ['ES2023', 'ESNext.Disposable'],
    types: ['node'],
    rootDir: '.',
    outDir: 'dist',
    declaration: true,
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    verbatimModuleSyntax: true,
    rewriteRelativeImportExtensions: true,
    skipLibCheck: true,
  },
  include: ['src', 'test'],
};

/** How the study is run: a store and an executor stand in the command. */
function runCommand(kind: PackageKind, name: string): string {
  const more =
    kind === 'executor' ? ` --executor ${name}` : kind === 'store' ? ` --store "${name}://$PWD/.espalier/objects"` : '';
  return `npx espalier run study.json${more}`;
}

function development(kind: PackageKind, name: string): string {
  return `## Develop

\`\`\`sh
npm install
npm test                    # compiles, then the laws of the port and an example worked by hand
${runCommand(kind, name)}   # a minute; the report is .espalier/out/${name}/report.html
\`\`\`

The page on this kind of package says what it promises and which mistakes people make:
https://github.com/espalier/espalier/blob/main/docs/guide/${kind}.md
`;
}

function workflow(kind: PackageKind, name: string): string {
  return `name: CI
on: [push, pull_request]
jobs:
  test:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        node: [20, 22, 24]
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: \${{ matrix.node }}
      - run: npm install
      - run: npm test
      - run: ${runCommand(kind, name)}
`;
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
