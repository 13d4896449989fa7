import { expect, test } from 'vitest';
import { usableCores } from '../src/usable-cores.ts';

test('cores respect the quota of the container, in both versions of control groups', () => {
  const files = (entries: Record<string, string>) => (path: string) => entries[path] ?? null;
  expect(usableCores(16, files({}))).toBe(16);
  const version2 = { '/proc/self/cgroup': '0::/pod/app\n' };
  expect(usableCores(16, files({ ...version2, '/sys/fs/cgroup/pod/app/cpu.max': 'max 100000\n' }))).toBe(16);
  expect(usableCores(16, files({ ...version2, '/sys/fs/cgroup/pod/app/cpu.max': '250000 100000\n' }))).toBe(3);
  const parent = { '/sys/fs/cgroup/pod/app/cpu.max': 'max 100000', '/sys/fs/cgroup/pod/cpu.max': '200000 100000' };
  expect(usableCores(16, files({ ...version2, ...parent }))).toBe(2);
  expect(usableCores(4, files({ '/proc/self/cgroup': '0::/', '/sys/fs/cgroup/cpu.max': '50000 100000' }))).toBe(1);
  const version1 = (quota: string) =>
    files({ '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': quota, '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n' });
  expect(usableCores(16, version1('400000\n'))).toBe(4);
  expect(usableCores(16, version1('-1\n'))).toBe(16);
});
