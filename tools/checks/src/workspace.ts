import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The repository's root, from this file's place in `tools/checks/dist`. */
export const root = resolve(import.meta.dirname, '../../..');

export interface Package {
  readonly name: string;
  readonly folder: string;
}

/** Every package that is published. */
export function publishedPackages(): readonly Package[] {
  return readdirSync(join(root, 'packages'))
    .map((entry) => join(root, 'packages', entry))
    .filter((folder) => existsSync(join(folder, 'package.json'))) // what is built of a package that is gone may lie about
    .map((folder) => ({ folder, manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) }))
    .filter(({ manifest }) => !manifest.private)
    .map(({ folder, manifest }) => ({ folder, name: manifest.name }));
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
