import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Worker processes run what is built, as it is published. */
export default function buildWorkers(): void {
  const tsc = join(import.meta.dirname, '../../../node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '--build', join(import.meta.dirname, '..')], { stdio: 'inherit' });
}
