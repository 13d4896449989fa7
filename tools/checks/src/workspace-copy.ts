import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './workspace.ts';

// Written while tools run: each copy has its own.
const caches = ['.cache', '.vite', '.vite-temp'];

/** Copies this repository as it stands, with what is built and installed, into an empty folder. */
export function copyWorkspace(copy: string): void {
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const files = execFileSync('git', list, { cwd: root, encoding: 'utf8' }).split('\0').filter(Boolean);
  // Times too: the compiler goes on from what is built only where sources are not newer.
  for (const file of [...files, ...builtFolders()])
    if (existsSync(join(root, file)))
      cpSync(join(root, file), join(copy, file), { recursive: true, preserveTimestamps: true });
  linkInstalled(copy);
}

function builtFolders(): readonly string[] {
  const workspaces = ['packages', 'tools'].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => `${folder}/${name}`),
  );
  const present = workspaces.filter((folder) => existsSync(join(root, folder, 'package.json')));
  return ['.', ...present].map((folder) => join(folder, 'dist'));
}

/** Hard links where the disk allows them: hundreds of megabytes that npm replaces file by file, and does not write into. */
function linkInstalled(copy: string): void {
  const [from, to] = [join(root, 'node_modules'), join(copy, 'node_modules')];
  try {
    execFileSync('cp', ['-al', from, to], { stdio: 'ignore' });
  } catch {
    rmSync(to, { recursive: true, force: true });
    execFileSync('cp', ['-a', from, to]);
  }
  for (const cache of caches) rmSync(join(to, cache), { recursive: true, force: true });
  // The one file that npm does write into.
  rmSync(join(to, '.package-lock.json'));
  copyFileSync(join(from, '.package-lock.json'), join(to, '.package-lock.json'));
}
