import { expect, it } from 'vitest';
import { Heap } from '../src/wasm/heap.ts';
import { openTfjsModule } from '../src/wasm/tfjs-module.ts';
import { openWasmOps } from '../src/wasm/wasm-ops.ts';

it('says what to do when the memory is used up', async () => {
  const { tfjs } = await openTfjsModule();
  const heap = new Heap({ ...tfjs, _malloc: () => 0 });
  expect(() => heap.allocate(1000)).toThrow(
    /^The wasm engine needs 4064 bytes more, but a WebAssembly memory ends at 4 GB and \d+ bytes are reserved. Use smaller batches or the tensorflow engine.$/,
  );
});

it('leaves the process as it was: no listener that turns every uncaught error into exit code 7', async () => {
  const count = () => ['uncaughtException', 'unhandledRejection'].map((event) => process.listenerCount(event));
  const before = count();
  const ops = await openWasmOps();
  expect(count()).toEqual(before);
  expect([ops.engine, ops.version, ops.hasBfloat16]).toEqual(['wasm', '4.22.0', false]);
});
