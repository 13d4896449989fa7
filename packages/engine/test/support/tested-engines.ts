import { openEngine } from '../../src/choose-engine.ts';
import type { Ops } from '../../src/ops.ts';

/** An engine to test, or the reason why it is not here. */
export interface TestedEngine {
  readonly name: 'tensorflow' | 'wasm';
  readonly ops: Ops | null;
  readonly reason: string;
}

async function open(name: 'tensorflow' | 'wasm'): Promise<TestedEngine> {
  try {
    return { name, ops: await openEngine({ engine: name }), reason: '' };
  } catch (error) {
    return { name, ops: null, reason: ` (skipped: ${String(error)})` };
  }
}

/** Every engine; one that is not here says why. */
export const engines: readonly TestedEngine[] = [await open('tensorflow'), await open('wasm')];
