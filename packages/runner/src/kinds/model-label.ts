import { defaultPreset, type Label } from '@espalier/core';
import type { ModelValue } from '../artifacts/artifact-kinds.ts';

/** By whose rule a model was pruned, as labels of what is computed from it tell; nothing for one that was not. */
export function modelLabels({ proof }: Pick<ModelValue, 'proof'>): Label['of'] {
  if (!proof?.claim) return {};
  const { preset } = proof.claim;
  const model = { name: 'pruning', preset, isDefault: preset === defaultPreset, changes: {}, settings: {}, of: {} };
  return { model };
}
