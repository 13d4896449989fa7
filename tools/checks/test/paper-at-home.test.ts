import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const names = /2509\.21387|paper-2025|paper of 2025|sparse subnetworks/i;

/** Source, tests and READMEs of the packages, but for what programs made; studies and the top README may use the paper. */
function filesNaming(pattern: RegExp): readonly string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', 'packages', 'tools'], {
    cwd: root,
    encoding: 'utf8',
  });
  return listed
    .split('\n')
    .filter((file) => /\.(ts|md)$/.test(file) && !file.startsWith('tools/checks/test/'))
    .filter((file) => existsSync(join(root, file)) && pattern.test(readFileSync(join(root, file), 'utf8')));
}

test('nothing outside paper-2025 names the paper: no port, method, metric or report', () => {
  const found = filesNaming(names);
  expect(found).toContain('packages/paper-2025/README.md'); // it looks
  expect(found.filter((file) => !file.startsWith('packages/paper-2025/'))).toEqual([]);
});
