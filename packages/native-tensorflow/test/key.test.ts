import fc from 'fast-check';
import { expect, test } from 'vitest';
import { placeCuda, placeTensorflow } from '../src/install/wheel-layout.ts';
import { cudaRequirements, platformTags, tensorflowRequirements, wheelVersion } from '../src/install/wheels.ts';
import {
  bindingPath,
  cacheFolder,
  compareVersions,
  folderName,
  type NativeKey,
  parseFolderName,
  preferredFirst,
  tensorflowVersion,
} from '../src/native-key.ts';

const version = fc.tuple(fc.nat(30), fc.nat(30), fc.nat(30)).map((parts) => parts.join('.'));
const anyKey: fc.Arbitrary<NativeKey> = fc.record({
  addon: version,
  tensorflow: version,
  platform: fc.constantFrom('linux', 'darwin', 'win32'),
  arch: fc.constantFrom('x64', 'arm64'),
  variant: fc.constantFrom('cpu', 'gpu'),
  napi: fc.integer({ min: 3, max: 10 }),
});

test('a folder name spells its key, and nothing else is a folder name', () => {
  fc.assert(
    fc.property(anyKey, (key) => {
      expect(parseFolderName(folderName(key))).toEqual(key);
      expect(parseFolderName(`${folderName(key)}.partial`)).toBeNull();
    }),
    { seed: 1 },
  );
  for (const name of ['verified', 'work-host-12-AbCdEf', '.', '4.22.0-tf2.21-linux-x64-cpu-napi8']) {
    expect(parseFolderName(name)).toBeNull();
  }
});

test('the cache follows XDG_CACHE_HOME, then HOME', () => {
  expect(cacheFolder({ XDG_CACHE_HOME: '/x', HOME: '/h' })).toBe('/x/espalier/native');
  expect(cacheFolder({ XDG_CACHE_HOME: '', HOME: '/h' })).toBe('/h/.cache/espalier/native');
  expect(bindingPath('/n')).toBe('/n/lib/napi-v8/tfjs_binding.node');
});

test('folders for other machines are left out; the suiting variant, the tested and then the newest TensorFlow come first', () => {
  const key = (tensorflow: string, variant: 'cpu' | 'gpu', rest: Partial<NativeKey> = {}): NativeKey => ({
    addon: '4.22.0',
    tensorflow,
    platform: 'linux',
    arch: 'x64',
    variant,
    napi: 8,
    ...rest,
  });
  const keys = [
    key('2.20.0', 'cpu'),
    key('2.22.0', 'gpu'),
    key('2.22.0', 'cpu'),
    key(tensorflowVersion, 'cpu'),
    key(tensorflowVersion, 'cpu', { arch: 'arm64' }),
    key(tensorflowVersion, 'cpu', { addon: '4.21.0' }),
    key(tensorflowVersion, 'cpu', { napi: 9 }),
  ];
  const names = (hasGpu: boolean) =>
    preferredFirst(keys, { platform: 'linux', arch: 'x64', hasGpu }).map((k) => `${k.variant} ${k.tensorflow}`);
  expect(names(false)).toEqual(['cpu 2.21.0', 'cpu 2.22.0', 'cpu 2.20.0', 'gpu 2.22.0']);
  expect(names(true)).toEqual(['gpu 2.22.0', 'cpu 2.21.0', 'cpu 2.22.0', 'cpu 2.20.0']);
});

test('versions are ordered as numbers', () => {
  expect(compareVersions('2.9.1', '2.21.0')).toBeLessThan(0);
  expect(compareVersions('2.21.0', '2.21.0')).toBe(0);
  expect(compareVersions('3.0.0', '2.99.99')).toBeGreaterThan(0);
});

test('each machine asks for the wheel that exists for it', () => {
  expect(tensorflowRequirements('cpu', 'x64')).toEqual(['tensorflow-cpu==2.21.0', 'tensorflow-cpu>=2.18,<3']);
  expect(tensorflowRequirements('cpu', 'arm64')[0]).toBe('tensorflow==2.21.0');
  expect(tensorflowRequirements('gpu', 'x64')[0]).toBe('tensorflow==2.21.0');
  expect(platformTags('x64', '2.28').slice(0, 2)).toEqual(['manylinux_2_28_x86_64', 'manylinux_2_27_x86_64']);
  expect(platformTags('x64', '2.28').slice(-2)).toEqual(['manylinux_2_12_x86_64', 'manylinux2014_x86_64']);
  expect(platformTags('arm64', '2.36')[0]).toBe('manylinux_2_36_aarch64');
});

test("a wheel's file name gives its release, a release candidate's number included", () => {
  expect(wheelVersion('tensorflow_cpu-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl')).toBe('2.21.0');
  expect(wheelVersion('tensorflow-2.15.0.post1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl')).toBe(
    '2.15.0',
  );
  expect(() => wheelVersion('tensorflow_cpu-2.21.0.tar.gz')).toThrow('not named like a wheel');
});

test('CUDA requirements are those of the extra and-cuda, old and new spelling', () => {
  const metadata = [
    'Requires-Dist: numpy>=1.26.0',
    'Requires-Dist: nvidia-cublas-cu12<13.0,>=12.5.3.2; extra == "and-cuda"',
    "Requires-Dist: nvidia-cudnn-cu12 (==9.3.0) ; extra == 'and-cuda'",
    'Requires-Dist: tensorflow-io-gcs-filesystem; extra == "gcs-filesystem"',
  ].join('\n');
  expect(cudaRequirements(metadata)).toEqual(['nvidia-cublas-cu12<13.0,>=12.5.3.2', 'nvidia-cudnn-cu12==9.3.0']);
});

test('only what the addon and CUDA need leaves a wheel', () => {
  expect(placeTensorflow('tensorflow/libtensorflow_cc.so.2')).toBe('native/deps/lib/libtensorflow_cc.so.2');
  expect(placeTensorflow('tensorflow/include/tensorflow/c/c_api.h')).toBe('include/tensorflow/c/c_api.h');
  expect(placeTensorflow('tensorflow/include/Eigen/Core')).toBeNull();
  expect(placeTensorflow('tensorflow/python/lib_pywrap_tensorflow_common.so')).toBeNull();
  expect(placeCuda('nvidia/cublas/lib/libcublas.so.12')).toBe('native/deps/nvidia/cublas/lib/libcublas.so.12');
  expect(placeCuda('nvidia/cuda_nvcc/bin/ptxas')).toBe('native/deps/nvidia/cuda_nvcc/bin/ptxas');
  expect(placeCuda('nvidia/cublas/include/cublas.h')).toBeNull();
  expect(placeCuda('nvidia/cuda_nvcc/bin/nvlink')).toBeNull();
});
