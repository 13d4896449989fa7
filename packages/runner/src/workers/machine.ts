import { readdirSync } from 'node:fs';
import { totalmem } from 'node:os';
import { usableCores } from '@espalier/host';

/** What this process may use of its machine. */
export interface Machine {
  readonly cores: number;
  readonly memoryBytes: number;
  /** Names of the GPUs as `CUDA_VISIBLE_DEVICES` takes them. */
  readonly gpus: readonly string[];
}

/** This machine, within the limits of its container. */
export function thisMachine(): Machine {
  return {
    cores: usableCores(),
    memoryBytes: Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY),
    gpus: visibleGpus(process.env.CUDA_VISIBLE_DEVICES),
  };
}

function visibleGpus(chosen: string | undefined): readonly string[] {
  if (chosen !== undefined) {
    const names = chosen.split(',').map((name) => name.trim());
    // As CUDA reads it: what is no device ends the list.
    const end = names.findIndex((name) => !/^(\d+|(GPU|MIG)-[\w/-]+)$/.test(name));
    return end < 0 ? names : names.slice(0, end);
  }
  try {
    return readdirSync('/proc/driver/nvidia/gpus').map((_, index) => String(index));
  } catch {
    return [];
  }
}
