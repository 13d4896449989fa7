import { readFileSync } from 'node:fs';

/** Features that decide how fast TensorFlow's kernels (oneDNN) run, slowest first; the names are those of /proc/cpuinfo. */
const telling = [
  'avx',
  'fma',
  'avx2',
  'avx512f',
  'avx512_vnni',
  'avx512_bf16',
  'avx512_fp16',
  'amx_bf16',
  'asimd',
  'asimddp',
  'sve',
  'bf16',
  'i8mm',
];

/** All feature flags of the first CPU, as /proc/cpuinfo spells them; empty where there is no such file. */
export function cpuFlags(cpuinfo: string = readCpuinfo()): readonly string[] {
  const line = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(cpuinfo);
  return line ? line[1]!.trim().split(/\s+/) : [];
}

/** The flags that matter to the speed of a network, slowest first. */
export function tellingFeatures(flags: readonly string[]): readonly string[] {
  const present = new Set(flags);
  return telling.filter((feature) => present.has(feature));
}

function readCpuinfo(): string {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    return '';
  }
}
