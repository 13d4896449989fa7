import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Runs and workers are processes of their own: they run what is built, as it is published. */
export default function build(): void {
  const tsc = join(import.meta.dirname, '../../../node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '--build', join(import.meta.dirname, '..')], { stdio: 'inherit' });
}
