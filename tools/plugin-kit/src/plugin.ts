import { execFileSync } from 'node:child_process';
import { type Tree, updateJson } from '@nx/devkit';
import { methodFiles, namesOf, type PackageKind, packageKinds } from 'create-espalier';

export interface PluginSchema {
  /** kebab-case */
  readonly name: string;
  readonly kind: PackageKind;
  /** An explainer that draws noise. */
  readonly stochastic?: boolean;
  /** Links no package: for several in a row, of which the last one links all. */
  readonly skipInstall?: boolean;
}

/**
 * Writes `packages/<prefix of the kind>-<name>`: a package that passes `npm run check` before its method is filled in. The method is
 * that of `create-espalier`, which wraps it as a repository of its own.
 *
 * @returns what to do once the files are on disk: link the package, format its files
 */
export default async function plugin(
  tree: Tree,
  { name, kind, stochastic, skipInstall }: PluginSchema,
): Promise<() => void> {
  const folderName = `${packageKinds[kind].prefix}-${namesOf(name).name}`;
  const folder = `packages/${folderName}`;
  if (tree.exists(`${folder}/package.json`))
    throw new Error(`${folder} is already there. Choose another name, or remove it first.`);
  const packageName = `@espalier/${folderName}`;
  const built = builtOn(kind);
  const versionOf = (of: string): string =>
    JSON.parse(tree.read(`packages/${of}/package.json`, 'utf8') ?? '{}').version;
  const zod: string = JSON.parse(tree.read('packages/core/package.json', 'utf8') ?? '{}').dependencies?.zod;
  const files: Readonly<Record<string, string>> = {
    ...methodFiles({ kind, name, packageName, isStochastic: stochastic }),
    'package.json': `${JSON.stringify(manifest(packageName, kind, versionOf, zod), null, 2)}\n`,
    'tsconfig.json': `${JSON.stringify({ ...tsconfig, references: built.map((of) => ({ path: `../${of}` })) }, null, 2)}\n`,
    LICENSE: tree.read('LICENSE', 'utf8') ?? '',
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

/** Folders of the packages that a method of a kind imports. */
function builtOn(kind: PackageKind): readonly string[] {
  const { port } = packageKinds[kind];
  if (kind === 'model') return ['core', 'nn'];
  return port === 'core' ? ['core'] : kind === 'executor' ? ['runner'] : ['core', port];
}

const tsconfig = {
  extends: '../../tsconfig.base.json',
  compilerOptions: { rootDir: 'src', outDir: 'dist', tsBuildInfoFile: 'dist/.tsbuildinfo' },
  include: ['src'],
};

const layers: Readonly<Record<string, string>> = { executor: 'layer:executor', store: 'layer:store' };

function manifest(packageName: string, kind: PackageKind, versionOf: (folder: string) => string, zod: string): unknown {
  const { what, port } = packageKinds[kind];
  const folder = packageName.replace('@espalier/', '');
  const source = './src/index.ts';
  const peers = port === 'core' ? ['core'] : builtOn(kind);
  const used = [...peers, ...(kind === 'model' ? ['engine'] : [])];
  const versions = (names: readonly string[], range = '') =>
    Object.fromEntries(names.map((name) => [`@espalier/${name}`, `${range}${versionOf(name)}`]));
  return {
    name: packageName,
    version: '0.1.0',
    description: `${what} for Espalier.`,
    license: 'Apache-2.0',
    type: 'module',
    engines: { node: '>=20.19' },
    exports: { '.': { '@espalier/source': source, types: './dist/index.d.ts', default: './dist/index.js' } },
    files: ['dist', '!dist/.tsbuildinfo'],
    sideEffects: false,
    keywords: ['espalier', ...(port === 'core' ? ['espalier-plugin'] : [])],
    nx: { tags: [layers[kind] ?? 'layer:plugin'], targets: { test: {} } },
    peerDependencies: versions(peers, '^'),
    ...(port === 'core' && { dependencies: { ...(kind === 'model' && versions(['nn'])), zod } }),
    devDependencies: versions(used),
    publishConfig: { access: 'public' },
    repository: {
      type: 'git',
      url: 'git+https://github.com/espalier/espalier.git',
      directory: `packages/${folder}`,
    },
  };
}
