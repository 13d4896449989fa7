import { spawnSync } from 'node:child_process';

/** An NVIDIA GPU as its driver describes it, whether or not TensorFlow can use it. */
export interface Gpu {
  readonly name: string;
  readonly driver: string;
}

/** The first GPU that `nvidia-smi` lists, or null where there is no such program or no GPU. */
export function findGpu(env: NodeJS.ProcessEnv = process.env): Gpu | null {
  const query = ['--query-gpu=name,driver_version', '--format=csv,noheader'];
  const { status, stdout } = spawnSync('nvidia-smi', query, { encoding: 'utf8', timeout: 20_000, env });
  return status === 0 ? parseGpu(stdout) : null;
}

/** Reads a line such as `NVIDIA H200, 570.86.15`. */
export function parseGpu(text: string): Gpu | null {
  const [name, driver] = (text.split('\n')[0] ?? '').split(',').map((part) => part.trim());
  return name && driver ? { name, driver } : null;
}
