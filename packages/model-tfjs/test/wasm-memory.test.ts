import { expect, it } from 'vitest';
import { crossEntropy } from '../src/cross-entropy.ts';
import { FrozenNetwork } from '../src/frozen-network.ts';
import { normalised } from '../src/normalise.ts';
import { TrainingNetwork } from '../src/training-network.ts';
import { Heap } from '../src/wasm/heap.ts';
import { openTfjsModule } from '../src/wasm/tfjs-module.ts';
import { openWasmOps, WasmOps } from '../src/wasm/wasm-ops.ts';
import { smallImages, smallInput, smallNetwork, smallWeights } from './small-network.ts';

const labels = [2, 0, 1];
const images = smallImages(labels.length);
const x = normalised(images.data, smallInput);

it('keeps the memory flat over many steps of training and explaining', async () => {
  const { tfjs, version } = await openTfjsModule();
  const heap = new Heap(tfjs);
  const ops = new WasmOps(heap, version);
  using trained = new TrainingNetwork(ops, smallNetwork, smallWeights(), 'float32');
  using explained = new FrozenNetwork(ops, smallNetwork, smallWeights(), 'float32');
  const differentiate = (logits: Float32Array) => crossEntropy(logits, labels, 0).gradient;
  const step = () =>
    ops.scope(() => {
      const input = ops.upload(x, images.shape);
      trained.pass(input, differentiate, (_, weight, gradient) => {
        const velocity = ops.variable(new Float32Array(ops.download(gradient).length), weight.shape);
        const rule = { learningRate: 0.01, momentum: 0.9, nesterov: false, weightDecay: 0 };
        ops.applySgd(weight, velocity, gradient, rule);
        ops.release(velocity);
      });
      explained.inputGradient(input, ops.upload(new Float32Array(9).fill(1), [3, 3]));
    });
  step();
  const { live } = ops;
  const before = heap.usage;
  for (let i = 0; i < 50; i++) step();
  expect(ops.live).toBe(live);
  expect(heap.usage).toEqual(before);
});

it('gives all memory back when everything is released', async () => {
  const { tfjs, version } = await openTfjsModule();
  const heap = new Heap(tfjs);
  const ops = new WasmOps(heap, version);
  const empty = heap.usage.bytes;
  const explained = new FrozenNetwork(ops, smallNetwork, smallWeights(), 'float32');
  ops.scope(() => explained.inputGradient(ops.upload(x, images.shape), ops.upload(new Float32Array(9), [3, 3])));
  expect(heap.usage.bytes).toBeGreaterThan(empty);
  explained[Symbol.dispose]();
  expect(heap.usage.bytes).toBe(empty);
  expect(ops.live).toBe(0);
});

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
