import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

/** A file's text, or null where there is no such file. */
type ReadFile = (path: string) => string | null;

/**
 * Cores this process may use: CPUs in its affinity mask, and no more than its container's CPU quota pays for (rounded up).
 * Node 20 knows the mask only, and TensorFlow would start a thread for each core of the machine.
 */
export function usableCores(available: number = availableParallelism(), read: ReadFile = readOrNull): number {
  const quota = Math.min(quotaOfVersion2(read), quotaOfVersion1(read));
  return Math.max(1, Math.min(available, Math.ceil(quota)));
}

/** The smallest `cpu.max` (quota and period in microseconds) from this process's control group up to the root. */
function quotaOfVersion2(read: ReadFile): number {
  const group = /^0::(.*)$/m.exec(read('/proc/self/cgroup') ?? '')?.[1];
  if (group === undefined) return Number.POSITIVE_INFINITY;
  const parts = group.split('/').filter(Boolean);
  const quotas = Array.from({ length: parts.length + 1 }, (_, depth) => {
    const [quota, period] = (read(join('/sys/fs/cgroup', ...parts.slice(0, depth), 'cpu.max')) ?? '').split(' ');
    return ratio(quota, period);
  });
  return Math.min(...quotas);
}

/** In a container the control group is mounted as the root of its controller. */
function quotaOfVersion1(read: ReadFile): number {
  const folder = '/sys/fs/cgroup/cpu';
  return ratio(read(`${folder}/cpu.cfs_quota_us`) ?? '', read(`${folder}/cpu.cfs_period_us`) ?? '');
}

/** Infinity for `max`, `-1` and anything that is no pair of positive numbers. */
function ratio(quota: string | undefined, period: string | undefined): number {
  const cores = Number(quota) / Number(period);
  return cores > 0 ? cores : Number.POSITIVE_INFINITY;
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
