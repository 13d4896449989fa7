import { type ComputeOptions, StudyError } from '@espalier/core';
import { loadBinding } from './native/binding.ts';
import type { Ops } from './ops.ts';
import { tensorflowOps } from './tensorflow/tensorflow-ops.ts';

const opened = new Map<'tensorflow' | 'wasm', Promise<Ops>>();

/**
 * The engine that `compute` asks for: `auto` takes TensorFlow where its native library works, else wasm. Opened once
 * per process and shared by all models.
 *
 * @throws StudyError `engine-unavailable` when TensorFlow is demanded and cannot be used
 */
export async function openEngine({ engine }: Pick<ComputeOptions, 'engine'>): Promise<Ops> {
  if (engine === 'wasm') return once('wasm', openWasm);
  if (engine === 'tensorflow') return once('tensorflow', openTensorflow);
  return once('tensorflow', openTensorflow).catch(() => once('wasm', openWasm));
}

async function openTensorflow(): Promise<Ops> {
  const found = loadBinding();
  if (!('problem' in found)) return tensorflowOps(found.binding);
  throw new StudyError(
    'engine-unavailable',
    `The study asks for the engine "tensorflow", which cannot be used: ${found.problem}, or ask for the engine "auto" or "wasm".`,
  );
}

async function openWasm(): Promise<Ops> {
  const { openWasmOps } = await import('./wasm/wasm-ops.ts'); // only loaded where it is needed
  return openWasmOps();
}

function once(name: 'tensorflow' | 'wasm', open: () => Promise<Ops>): Promise<Ops> {
  const known = opened.get(name);
  if (known) return known;
  const opening = open();
  opened.set(name, opening);
  return opening;
}
