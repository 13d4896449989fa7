import { StudyError, sizeOf } from '@espalier/core';
import type { Ops } from '../ops.ts';
import { expectShape } from '../shapes/expect-shape.ts';
import { Device } from './device.ts';
import type { Handle } from './handle.ts';
import { Heap } from './heap.ts';
import { convolutionOps } from './ops/convolution-ops.ts';
import { elementwiseOps } from './ops/elementwise-ops.ts';
import { normalisationOps } from './ops/normalisation-ops.ts';
import { poolingOps } from './ops/pooling-ops.ts';
import { productOps } from './ops/product-ops.ts';
import { shapeOps } from './ops/shape-ops.ts';
import { updateOps } from './ops/update-ops.ts';
import { openTfjsModule } from './tfjs-module.ts';

/**
 * The arithmetic of networks on tfjs's WebAssembly backend: XNNPACK's convolutions and large matrix products, and SIMD kernels of
 * our own, in the same memory, for what that backend lacks or does slowly.
 *
 * Float32 only, one thread, deterministic: the same numbers on every machine of one kind, and the same for an image
 * whatever else is in its batch. Each call opens a memory of its own.
 *
 * @throws StudyError `engine/unavailable`
 */
export async function openWasmOps(): Promise<Ops> {
  const { tfjs, version } = await openTfjsModule();
  return wasmOps(new Heap(tfjs), version);
}

/** `Ops` on `heap`. */
export function wasmOps(heap: Heap, version: string): Ops {
  const device = new Device(heap);
  return {
    engine: 'wasm',
    version,
    hasBfloat16: false,
    hasFastBfloat16: false,
    get live() {
      return device.scopes.live;
    },
    scope: (work) => device.scopes.run(work),
    release: (...values) => {
      for (const value of values) device.scopes.release(value as Handle); // every tensor of these ops is a Handle
    },
    ...transferOps(device),
    ...convolutionOps(device),
    ...normalisationOps(device),
    ...poolingOps(device),
    ...elementwiseOps(device),
    ...productOps(device),
    ...shapeOps(device),
    ...updateOps(device),
  };
}

function transferOps(device: Device): Pick<Ops, 'upload' | 'adopt' | 'download' | 'cast'> {
  const upload: Ops['upload'] = (data, shape) => {
    expectShape([data.length], [sizeOf(shape)]);
    return device.own(shape, device.heap.from(data));
  };
  return {
    upload,
    adopt: upload,
    download: (value) => device.buffer(value).values.slice(),
    cast(x, dtype) {
      if (dtype === 'float32') return device.own(x.shape, device.buffer(x).share());
      throw new StudyError(
        'core/not-supported',
        'The wasm engine computes in float32 only; bfloat16 was asked for. ' +
          'Ask for "exact" numerics, or for the tensorflow engine.',
      );
    },
  };
}
