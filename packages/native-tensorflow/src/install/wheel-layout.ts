import { symlink } from 'node:fs/promises';
import { join } from 'node:path';

/** The libraries that the addon loads, from the wheel's folder `tensorflow/`. */
export const tensorflowLibraries = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'] as const;

/** Headers that the addon includes, directly or not; the wheel has 13 000 more. */
const headers =
  /^tensorflow\/include\/((?:absl|tensorflow\/c|tensorflow\/core\/platform|tensorflow\/tsl|tsl|xla\/tsl)\/.*)$/;

/**
 * Where a member of TensorFlow's wheel goes: libraries to `native/deps/lib`, headers to `include`, the rest nowhere (null).
 */
export function placeTensorflow(name: string): string | null {
  const library = tensorflowLibraries.find((file) => name === `tensorflow/${file}`);
  if (library) return `native/deps/lib/${library}`;
  const header = headers.exec(name);
  return header ? `include/${header[1]}` : null;
}

/**
 * Where a member of an nvidia-* wheel goes: TensorFlow looks for CUDA in `$ORIGIN/../nvidia/<part>/lib`, as in Python's
 * site-packages, and for ptxas and libdevice in `../nvidia/cuda_nvcc`.
 */
export function placeCuda(name: string): string | null {
  const needed = /^nvidia\/(?:[^/]+\/lib\/[^/]+\.so[^/]*|cuda_nvcc\/(?:bin\/ptxas|nvvm\/libdevice\/[^/]+))$/;
  return needed.test(name) ? `native/deps/${name}` : null;
}

/** Gives the libraries the names that the linker looks for; the C API that tfjs-node calls lives in libtensorflow_cc. */
export async function linkLibraries(folder: string): Promise<void> {
  await symlink('libtensorflow_cc.so.2', join(folder, 'libtensorflow.so'));
  await symlink('libtensorflow_framework.so.2', join(folder, 'libtensorflow_framework.so'));
}
