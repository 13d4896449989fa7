import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The repository's root, from this file's place in `tools/checks/dist`. */
export const root = resolve(import.meta.dirname, '../../..');

export interface Package {
  readonly name: string;
  readonly folder: string;
}

/** Every package and tool of the workspace, with its folder from the root. */
export function allPackages(): readonly (Package & { readonly isPrivate: boolean })[] {
  return ['packages', 'tools']
    .flatMap((group) => readdirSync(join(root, group)).map((entry) => `${group}/${entry}`))
    .filter((folder) => existsSync(join(root, folder, 'package.json'))) // what is built of a package that is gone may lie about
    .map((folder) => ({ folder, manifest: JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) }))
    .map(({ folder, manifest }) => ({ folder, name: manifest.name, isPrivate: manifest.private === true }));
}

/** Every package that is published, with the path of its folder. */
export function publishedPackages(): readonly Package[] {
  return allPackages()
    .filter(({ isPrivate }) => !isPrivate)
    .map(({ name, folder }) => ({ name, folder: join(root, folder) }));
}

/** Packs published packages into `folder`; returns the tarballs' paths. */
export function packAll(folder: string, packages = publishedPackages()): readonly string[] {
  return packages.map((entry) => {
    const output = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
      cwd: entry.folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return join(folder, JSON.parse(output)[0].filename);
  });
}
