import { execFileSync } from 'node:child_process';
import { type Tree, updateJson } from '@nx/devkit';
import { kindTemplates, stochasticExplainer } from './templates.ts';

export interface PluginSchema {
  /** kebab-case */
  readonly name: string;
  readonly kind: keyof typeof kindTemplates;
  /** An explainer that draws noise. */
  readonly stochastic?: boolean;
  /** Links no package: for several in a row, of which the last one links all. */
  readonly skipInstall?: boolean;
}

/**
 * Writes `packages/<kind>-<name>`: a package that passes `npm run check` before its method is filled in.
 *
 * @returns what to do once the files are on disk: link the package, format its files
 */
export default async function plugin(
  tree: Tree,
  { name, kind, stochastic, skipInstall }: PluginSchema,
): Promise<() => void> {
  const folderName = `${kind}-${name}`;
  const folder = `packages/${folderName}`;
  if (tree.exists(`${folder}/package.json`))
    throw new Error(`${folder} is already there. Choose another name, or remove it first.`);
  if (stochastic && kind !== 'explainer')
    throw new Error(`--stochastic is of explainers; found --kind=${kind}. Leave it out, and draw from services.seed.`);
  const core = JSON.parse(tree.read('packages/core/package.json', 'utf8') ?? '{}');
  const template = stochastic ? stochasticExplainer : kindTemplates[kind];
  const symbol = name.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  const files: Readonly<Record<string, string>> = {
    'package.json': `${JSON.stringify(manifest(folderName, template.description, core), null, 2)}\n`,
    'tsconfig.json': `${JSON.stringify(tsconfig, null, 2)}\n`,
    'README.md': template.readme(name, folderName),
    'src/index.ts': `import { ${symbol} } from './${name}.ts';\n\n/** The contract that this package was written for. */\nexport const apiVersion = 'plugin/v1';\n\n/** What this package offers to a study. */\nexport const plugins = [${symbol}] as const;\n`,
    [`src/${name}.ts`]: template.source(name, symbol),
    [`test/${name}.test.ts`]: template.test(name, symbol, folderName),
  };
  for (const [path, text] of Object.entries(files)) tree.write(`${folder}/${path}`, text);
  for (const config of ['tsconfig.json', 'tsconfig.test.json']) {
    updateJson(tree, config, (json: { references: { path: string }[] }) => ({
      ...json,
      references: [{ path: folder }, ...json.references].sort((a, b) => a.path.localeCompare(b.path)),
    }));
  }
  return () => {
    if (!skipInstall) execFileSync('npm', ['install', '--no-audit', '--no-fund'], { cwd: tree.root, stdio: 'inherit' });
    execFileSync('npx', ['biome', 'check', '--write', folder, 'tsconfig.json', 'tsconfig.test.json'], {
      cwd: tree.root,
      stdio: 'inherit',
    });
  };
}

const tsconfig = {
  extends: '../../tsconfig.base.json',
  compilerOptions: { rootDir: 'src', outDir: 'dist', tsBuildInfoFile: 'dist/.tsbuildinfo' },
  include: ['src'],
  references: [{ path: '../core' }],
};

function manifest(
  folderName: string,
  description: string,
  core: { version?: string; dependencies?: Record<string, string> },
): unknown {
  const path = './src/index.ts';
  return {
    name: `@espalier/${folderName}`,
    version: '0.1.0',
    description,
    license: 'Apache-2.0',
    type: 'module',
    engines: { node: '>=20.19' },
    exports: { '.': { '@espalier/source': path, types: './dist/index.d.ts', default: './dist/index.js' } },
    files: ['dist', '!dist/.tsbuildinfo'],
    sideEffects: false,
    keywords: ['espalier', 'espalier-plugin'],
    nx: { tags: ['layer:plugin'], targets: { test: {} } },
    dependencies: { '@espalier/core': core.version, zod: core.dependencies?.zod },
    publishConfig: { access: 'public' },
  };
}
