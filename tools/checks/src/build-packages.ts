import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Before all tests: processes that tests start run what is built, as it is published. */
export default function buildPackages(): void {
  const root = join(import.meta.dirname, '../../..');
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '--build', root], {
    stdio: 'inherit',
  });
}
