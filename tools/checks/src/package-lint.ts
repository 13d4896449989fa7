import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { packAll, publishedPackages, root } from './workspace.ts';

const names = process.argv.slice(2);
const packages = publishedPackages().filter(({ name }) => names.length === 0 || names.includes(name));

// What npm users would get is checked, not the source: publint on each package, attw and a look at the files on each tarball.
let problems = 0;

for (const { name, folder } of packages) {
  const { messages, pkg } = await publint({ pkgDir: folder, strict: true, pack: 'npm' });
  for (const message of messages) console.error(`publint ${name}: ${formatMessage(message, pkg)}`);
  problems += messages.length;
}

const folder = mkdtempSync(join(tmpdir(), 'espalier-pack-'));
try {
  for (const tarball of packAll(folder, packages)) {
    const unwanted = entriesOf(tarball).filter((path) => path.endsWith('.tsbuildinfo'));
    for (const path of unwanted) console.error(`${basename(tarball)}: ${path} is of the compiler, not for users`);
    problems += unwanted.length;
    try {
      execFileSync(join(root, 'node_modules/.bin/attw'), [tarball, '--profile', 'esm-only', '--format', 'ascii'], {
        stdio: 'pipe',
      });
    } catch (error) {
      problems++;
      console.error(`attw ${basename(tarball)}:\n${(error as { stdout?: Buffer }).stdout ?? error}`); // execFileSync throws an error with the output
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}

console.log(
  problems === 0
    ? `publint, attw and files: ${packages.length} packages are clean`
    : `publint, attw and files: ${problems} problems`,
);
process.exitCode = problems === 0 ? 0 : 1;

function entriesOf(tarball: string): readonly string[] {
  return execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).split('\n');
}
