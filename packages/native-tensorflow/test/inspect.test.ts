import { expect, test } from 'vitest';
import { cpuFlags, tellingFeatures } from '../src/cpu.ts';
import { adviceFor, type EngineFacts, inspectEngine, parseGpu } from '../src/inspect.ts';

const facts: EngineFacts = {
  arch: 'x64',
  canInstall: true,
  cpuFeatures: ['avx2', 'avx512f', 'amx_bf16'],
  hasTensorflow: true,
  gpu: null,
  usesGpu: false,
  path: '/cache/4.22.0-tf2.21.0-linux-x64-cpu-napi8/lib/napi-v8/tfjs_binding.node',
};
const gpu = { name: 'NVIDIA H200', driver: '570.86' };

test('advice without TensorFlow is to install it, where it can be', () => {
  const without = { ...facts, hasTensorflow: false, path: null };
  expect(adviceFor(without)).toEqual([
    'Run `npx espalier native install` for the native TensorFlow, which is several times faster than WebAssembly.',
  ]);
  expect(adviceFor({ ...without, canInstall: false })[0]).toContain('@tensorflow/tfjs-node');
});

test('advice with a GPU that is not used is the CUDA build, or what keeps it from working', () => {
  expect(adviceFor({ ...facts, gpu })[0]).toBe(
    'Run `npx espalier native install --gpu` to compute on the NVIDIA H200.',
  );
  expect(adviceFor({ ...facts, gpu, path: facts.path!.replace('cpu', 'gpu') })[0]).toMatch(/sees no GPU.*570\.86/);
  expect(adviceFor({ ...facts, gpu, usesGpu: true })).toEqual([]);
});

test('advice on numerics depends on AMX', () => {
  expect(adviceFor(facts)).toEqual([expect.stringContaining('amx_bf16')]);
  expect(adviceFor({ ...facts, cpuFeatures: ['avx512_bf16'] })).toEqual([
    expect.stringMatching(/compute as `exact` here/),
  ]);
  expect(adviceFor({ ...facts, arch: 'arm64', cpuFeatures: ['asimd'] })).toEqual([]);
});

test('CPU features are read from either spelling of /proc/cpuinfo', () => {
  const intel = 'processor\t: 0\nflags\t\t: fpu avx2 amx_bf16 sse2\nprocessor\t: 1\nflags\t\t: fpu\n';
  expect(tellingFeatures(cpuFlags(intel))).toEqual(['avx2', 'amx_bf16']);
  expect(tellingFeatures(cpuFlags('Features\t: fp asimd bf16\n'))).toEqual(['asimd', 'bf16']);
  expect(cpuFlags('')).toEqual([]);
});

test('a GPU is what nvidia-smi lists first', () => {
  expect(parseGpu('NVIDIA H200, 570.86.15\nNVIDIA H200, 570.86.15\n')).toEqual({
    name: 'NVIDIA H200',
    driver: '570.86.15',
  });
  expect(parseGpu('No devices were found\n')).toBeNull();
});

test('this machine is described without throwing, whatever is installed', async () => {
  const report = await inspectEngine();
  expect(report.cores).toBeGreaterThan(0);
  expect(report.version).toMatch(/^\d+\.\d+\.\d+/);
  const { path, problem } = report.native;
  expect(report.engine).toBe(path ? 'tensorflow' : 'wasm');
  expect((path === null) !== (problem === null)).toBe(true);
});
