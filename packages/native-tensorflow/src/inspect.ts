import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import type { EngineReport } from '@espalier/core';
import { usableCores } from '@espalier/host';
import { loadBinding, type NativeTensorFlow } from './binding.ts';
import { cpuFlags, tellingFeatures } from './cpu.ts';
import { platformProblem, thisHost } from './host.ts';

/** What the advice depends on. */
export interface EngineFacts {
  readonly arch: string;
  /** Whether `espalier native install` supports the platform. */
  readonly canInstall: boolean;
  readonly cpuFeatures: readonly string[];
  readonly hasTensorflow: boolean;
  /** The GPU that the driver shows, and whether TensorFlow computes on it. */
  readonly gpu: Gpu | null;
  readonly usesGpu: boolean;
  /** The path of the addon in use, or null. */
  readonly path: string | null;
}

/** What would compute on this machine, and what to do to go faster. Loads the native TensorFlow if there is one. */
export async function inspectEngine(): Promise<EngineReport> {
  const native = loadBinding();
  const gpu = findGpu();
  const tensorflow = 'problem' in native ? null : native;
  const cpuFeatures = tellingFeatures(cpuFlags());
  const usesGpu = tensorflow?.binding.isUsingGpuDevice() ?? false;
  const path = tensorflow?.path ?? null;
  const { arch } = process;
  const canInstall = platformProblem(thisHost(), false) === null;
  return {
    engine: tensorflow ? 'tensorflow' : 'wasm',
    version: engineVersion(native),
    cpuFeatures,
    cores: usableCores(),
    gpu: usesGpu ? (gpu?.name ?? 'a GPU that nvidia-smi does not show') : null,
    native: { path, problem: 'problem' in native ? native.problem : null },
    advice: adviceFor({ arch, canInstall, cpuFeatures, hasTensorflow: tensorflow !== null, gpu, usesGpu, path }),
  };
}

/** TensorFlow's version, or that of the WebAssembly kernels. */
function engineVersion(native: NativeTensorFlow): string {
  if (!('problem' in native)) return native.version;
  const manifest = createRequire(import.meta.url)('@tensorflow/tfjs-backend-wasm/package.json') as { version: string };
  return manifest.version;
}

/** Sentences that each name one thing to do to go faster; empty when nothing would help. */
export function adviceFor(facts: EngineFacts): readonly string[] {
  return [...installAdvice(facts), ...gpuAdvice(facts), ...numericsAdvice(facts)];
}

function installAdvice({ hasTensorflow, canInstall }: EngineFacts): readonly string[] {
  if (hasTensorflow) return [];
  if (canInstall) {
    return [
      'Run `npx espalier native install` for the native TensorFlow, which is several times faster than WebAssembly.',
    ];
  }
  return [
    'Install `@tensorflow/tfjs-node` 4.22.0 with its native library beside the study for a faster engine than WebAssembly; ' +
      'it is used where it works.',
  ];
}

function gpuAdvice({ gpu, usesGpu, path }: EngineFacts): readonly string[] {
  if (!gpu || usesGpu) return [];
  if (!path?.includes('-gpu-napi')) {
    return [`Run \`npx espalier native install --gpu\` to compute on the ${gpu.name}.`];
  }
  return [
    `TensorFlow's CUDA build is installed but sees no GPU: check that the driver (${gpu.driver}) is at least 525.60 and that ` +
      'CUDA_VISIBLE_DEVICES does not hide the GPU.',
  ];
}

/** Measured with TensorFlow 2.21 on ResNet's convolutions: bfloat16 is twice as fast with AMX, and half as fast with AVX-512 alone. */
function numericsAdvice({ hasTensorflow, usesGpu, cpuFeatures, arch }: EngineFacts): readonly string[] {
  if (!hasTensorflow || usesGpu || arch !== 'x64') return [];
  if (cpuFeatures.includes('amx_bf16')) {
    return [
      "This CPU multiplies bfloat16 in hardware (amx_bf16): `fast` numerics in the study's `compute` are about twice as fast as " +
        '`exact`, with 8 bits of mantissa in products and float32 sums.',
    ];
  }
  return ['`fast` numerics compute as `exact` here: without amx_bf16 in this CPU, bfloat16 takes longer than float32.'];
}

/** An NVIDIA GPU as its driver describes it, whether or not TensorFlow can use it. */
interface Gpu {
  readonly name: string;
  readonly driver: string;
}

/** The first GPU that `nvidia-smi` lists, or null where there is no such program or no GPU. */
function findGpu(env: NodeJS.ProcessEnv = process.env): Gpu | null {
  const query = ['--query-gpu=name,driver_version', '--format=csv,noheader'];
  const { status, stdout } = spawnSync('nvidia-smi', query, { encoding: 'utf8', timeout: 20_000, env });
  return status === 0 ? parseGpu(stdout) : null;
}

/** Reads a line such as `NVIDIA H200, 570.86.15`. */
export function parseGpu(text: string): Gpu | null {
  const [name, driver] = (text.split('\n')[0] ?? '').split(',').map((part) => part.trim());
  return name && driver ? { name, driver } : null;
}
