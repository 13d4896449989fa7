import type { ComputeOptions, Numerics } from '@espalier/core';
import type { DType, Ops } from '@espalier/engine';

/** What models compute with on `ops`: `fast` only where bfloat16 is faster. */
export function numericsWith(
  ops: Pick<Ops, 'engine' | 'version' | 'hasFastBfloat16'>,
  compute: Pick<ComputeOptions, 'inference' | 'training'>,
): Numerics {
  const possible = (wanted: 'exact' | 'fast'): 'exact' | 'fast' => (ops.hasFastBfloat16 ? wanted : 'exact');
  const [inference, training] = [possible(compute.inference), possible(compute.training)];
  return { engine: ops.engine, version: ops.version, inference, training };
}

/** What values are kept in. */
export function dtypeOf(numerics: 'exact' | 'fast'): DType {
  return numerics === 'fast' ? 'bfloat16' : 'float32';
}
