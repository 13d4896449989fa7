import { StudyError } from '@espalier/core';
import type { WebAssemblyMemory } from '@espalier/simd';

/**
 * What we call in tfjs's WebAssembly module. Tensors are numbers that `_register_tensor` has tied to an address. Sizes
 * are counted in values, addresses in bytes.
 */
export interface TfjsModule {
  readonly asm: { readonly memory: WebAssemblyMemory };
  _malloc(bytes: number): number;
  _free(address: number): void;
  _register_tensor(id: number, size: number, address: number): void;
  /** Forgets the number, and whatever kernels have kept under it. Does not free the memory. */
  _dispose_data(id: number): void;
  _FusedConv2D: FusedConvolution;
  _FusedDepthwiseConv2D: FusedConvolution;
}

/** Both kinds take the same. */
type FusedConvolution = (
  x: number,
  batch: number,
  height: number,
  width: number,
  kernel: number,
  kernelHeight: number,
  kernelWidth: number,
  bias: number,
  padTop: number,
  padRight: number,
  padBottom: number,
  padLeft: number,
  isSamePadding: 0 | 1,
  dilationHeight: number,
  dilationWidth: number,
  strideHeight: number,
  strideWidth: number,
  inputs: number,
  outputs: number,
  activation: number,
  prelu: number,
  leakyReluAlpha: number,
  y: number,
) => void;

/** tfjs's numbers for the activations that a convolution can end with. */
export const activation = { linear: 0, relu: 1, relu6: 2 } as const;

/**
 * A private instance of tfjs's wasm backend: neither tfjs's choice of backend nor its tensors are touched.
 *
 * The kernels are called without tfjs's engine (0.1 µs a call instead of tens). The threaded build is not used: in
 * Node its worker script is a string literal that cannot start, and on two cores it would take one thread.
 *
 * @throws StudyError `engine/unavailable`
 */
export async function openTfjsModule(): Promise<{ readonly tfjs: TfjsModule; readonly version: string }> {
  const listeners = processListeners();
  try {
    const { findBackendFactory } = await import('@tensorflow/tfjs-core');
    const { version_wasm: version } = await import('@tensorflow/tfjs-backend-wasm');
    const backend = await findBackendFactory('wasm')();
    return { tfjs: (backend as unknown as { wasm: TfjsModule }).wasm, version }; // tfjs types only the few it needs
  } catch (cause) {
    throw new StudyError(
      'engine/unavailable',
      `The wasm engine did not start: ${cause instanceof Error ? cause.message : JSON.stringify(cause)}. ` +
        'It needs @tensorflow/tfjs-backend-wasm 4.22 beside @espalier/engine and a Node with WebAssembly SIMD.',
      { cause },
    );
  } finally {
    removeNew(listeners);
  }
}

const crashEvents = ['uncaughtException', 'unhandledRejection'] as const;

function processListeners() {
  return crashEvents.map((event) => [event, new Set(process.rawListeners(event))] as const);
}

/** Emscripten rethrows every uncaught error of the whole process, which turns its exit code into 7. */
function removeNew(before: ReturnType<typeof processListeners>): void {
  for (const [event, known] of before) {
    for (const listener of process.rawListeners(event)) {
      const isEmscripten = !known.has(listener) && /ExitStatus|throw reason/.test(String(listener));
      if (isEmscripten) process.off(event, listener as () => void); // node types raw listeners as Function
    }
  }
}
