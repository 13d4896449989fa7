import { createRequire } from 'node:module';
import { type ComputeOptions, StudyError } from '@espalier/core';
import { loadBinding } from '@espalier/native-tensorflow';
import type { Ops } from './ops.ts';
import { tensorflowOps } from './tensorflow/tensorflow-ops.ts';

const opened = new Map<'tensorflow' | 'wasm', Promise<Ops>>();

/** What is known of an engine before it is opened. */
export interface ChosenEngine extends Pick<Ops, 'engine' | 'version' | 'hasFastBfloat16'> {
  /** Opens it, once per process: all models share it. */
  readonly open: () => Promise<Ops>;
}

/**
 * The engine that `compute` asks for: `auto` takes TensorFlow where its native library works, else wasm. wasm is not started
 * to say so: that takes longer than all the rest.
 *
 * @throws StudyError `engine/unavailable` when TensorFlow is demanded and cannot be used
 */
export async function chooseEngine({ engine }: Pick<ComputeOptions, 'engine'>): Promise<ChosenEngine> {
  if (engine === 'wasm') return wasm();
  const tensorflow = once('tensorflow', openTensorflow).then((ops): ChosenEngine => {
    const { version, hasFastBfloat16 } = ops;
    return { engine: ops.engine, version, hasFastBfloat16, open: async () => ops };
  });
  return engine === 'tensorflow' ? tensorflow : tensorflow.catch(wasm);
}

/**
 * The engine of {@link chooseEngine}, opened.
 *
 * @throws StudyError `engine/unavailable` when TensorFlow is demanded and cannot be used, or wasm does not start
 */
export async function openEngine(compute: Pick<ComputeOptions, 'engine'>): Promise<Ops> {
  return (await chooseEngine(compute)).open();
}

function wasm(): ChosenEngine {
  return { engine: 'wasm', version: wasmVersion(), hasFastBfloat16: false, open: () => once('wasm', openWasm) };
}

function wasmVersion(): string {
  const { version } = createRequire(import.meta.url)('@tensorflow/tfjs-backend-wasm/package.json') as {
    readonly version: string; // npm refuses a package without
  };
  return version;
}

async function openTensorflow(): Promise<Ops> {
  const found = loadBinding();
  if (!('problem' in found)) return tensorflowOps(found.binding);
  throw new StudyError(
    'engine/unavailable',
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
