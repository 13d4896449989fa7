import type { Ops } from '../../src/ops.ts';
import { Heap } from '../../src/wasm/heap.ts';
import { openTfjsModule } from '../../src/wasm/tfjs-module.ts';
import { wasmOps } from '../../src/wasm/wasm-ops.ts';

/** A wasm engine of its own, and how much of its memory is in use: what is computed with it must leave none behind. */
export async function freshWasm(): Promise<{ readonly ops: Ops; readonly usage: () => Heap['usage'] }> {
  const { tfjs, version } = await openTfjsModule();
  const heap = new Heap(tfjs);
  return { ops: wasmOps(heap, version), usage: () => heap.usage };
}
