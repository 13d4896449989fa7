import type { Numerics } from '@espalier/core';
import { type ArtifactRef, canonicalJson } from '@espalier/store';
import { readManifest } from '../artifacts/index.ts';
import { modelMadeBy } from '../artifacts/model.ts';
import type { Executor, TaskPlace } from './task.ts';
import type { TaskContext, Workbench } from './workbench.ts';

/** Finds out, once for every model plugin, what models compute with where the executor runs tasks. */
export function numericsSource(
  bench: Workbench,
  executor: Executor,
  context: TaskContext,
): (model: ArtifactRef) => Promise<Numerics> {
  const known = new Map<string, Promise<Numerics>>();
  const { packages, folder, services } = context;
  const { signal, compute, cacheFolder } = services;
  const place: TaskPlace = { packages, folder, compute, cacheFolder };
  return async (model) => {
    const madeBy = modelMadeBy((await readManifest(bench.store, model)).json);
    const key = canonicalJson([madeBy.package, madeBy.plugin]);
    const found = known.get(key) ?? executor.numericsOf?.(model, place) ?? bench.numericsOf(model, context);
    known.set(key, found);
    found.catch(() => known.delete(key));
    return unlessAborted(found, signal);
  };
}

/** Where tasks run elsewhere, an answer may be long in coming. */
function unlessAborted<Value>(value: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    if (signal.aborted) giveUp();
    value.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}
