import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Verification, verifyBinding } from './verification.ts';

/** What installing depends on, gathered so that a test can put a machine without Python in its place. */
export interface Host {
  readonly platform: string;
  readonly arch: string;
  /** Version of the GNU C library, for example `2.36`; null on musl (Alpine) and outside Linux. */
  readonly glibc: string | null;
  readonly env: NodeJS.ProcessEnv;
  /** The folder whose node_modules are searched for sources. */
  readonly folder: string;
  /** Free bytes for this user on the disk that holds `folder`, which need not exist yet. */
  freeBytes(folder: string): Promise<number>;
  verify(path: string): Verification;
}

export function thisHost(): Host {
  return {
    platform: process.platform,
    arch: process.arch,
    glibc: glibcVersion(),
    env: process.env,
    folder: process.cwd(),
    freeBytes,
    verify: verifyBinding,
  };
}

/** Why TensorFlow's wheels cannot be used on this host, as the end of a sentence, or null if they can. */
export function platformProblem({ platform, arch, glibc }: Host, gpu: boolean): string | null {
  const found = `${platform}-${arch}`;
  if (platform !== 'linux' || (arch !== 'x64' && arch !== 'arm64')) {
    return `it is made for Linux on x64 and arm64 and this is ${found}; studies run on WebAssembly here`;
  }
  if (glibc === null) {
    return "TensorFlow's wheels need the GNU C library and this Linux has another one (musl, as on Alpine)";
  }
  const [major, minor] = glibc.split('.').map(Number);
  if (major !== 2 || !(minor! >= 27)) {
    return `TensorFlow's wheels need the GNU C library 2.27 or newer and this Linux has ${glibc}`;
  }
  if (gpu && arch !== 'x64') {
    return `TensorFlow's CUDA wheels exist for Linux on x64 only and this is ${found}; leave out --gpu`;
  }
  return null;
}

function glibcVersion(): string | null {
  if (process.platform !== 'linux') return null;
  const report: { header?: { glibcVersionRuntime?: string } } = process.report.getReport();
  return report.header?.glibcVersionRuntime ?? null;
}

async function freeBytes(folder: string): Promise<number> {
  let existing = folder;
  while (!existsSync(existing) && existing !== dirname(existing)) existing = dirname(existing);
  const { bavail, bsize } = await statfs(existing);
  return bavail * bsize;
}
