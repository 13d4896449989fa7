import { type NdArray, StudyError } from '@espalier/core';
import type { StateDictPlace } from './state-dict.ts';

/**
 * `<name>_orig` times `<name>_mask` under `<name>`, as torch.nn.utils.prune computes it before every pass; the rest unchanged.
 *
 * @throws StudyError `core/weights-mismatch` for half a pair, a mask of another shape, and a weight that is there a second time
 */
export function withMasksApplied(
  tensors: ReadonlyMap<string, NdArray>,
  { name, log }: StateDictPlace,
): ReadonlyMap<string, NdArray> {
  const result = new Map<string, NdArray>();
  let [masks, values, zeros] = [0, 0, 0];
  for (const [key, tensor] of tensors) {
    const pruned = prunedName(key);
    if (pruned === undefined || isSpectralNorm(tensors, pruned)) result.set(key, tensor);
    else if (key.endsWith('_orig')) {
      const weight = maskedWeight(tensors, pruned, name);
      result.set(pruned, weight);
      masks++;
      values += weight.data.length;
      zeros += weight.data.reduce((count, value) => count + Number(value === 0), 0);
    } else if (!tensors.has(`${pruned}_orig`)) throw halfOf(name, key, `${pruned}_orig`);
  }
  if (masks > 0) log(appliedLine(name, masks, (100 * zeros) / values));
  return result;
}

function appliedLine(name: string, masks: number, percent: number): string {
  const where = `${masks} ${masks === 1 ? 'mask' : 'masks'} of torch.nn.utils.prune applied (weight = weight_orig x weight_mask)`;
  return `${name}: ${where}; ${percent.toFixed(1)} % of the weights under them are 0, and training may change them`;
}

function prunedName(key: string): string | undefined {
  return /^(.*\.(?:weight|bias))_(?:orig|mask)$/s.exec(key)?.[1];
}

/** torch.nn.utils.spectral_norm keeps `weight_orig`, too, beside `weight_u`. */
function isSpectralNorm(tensors: ReadonlyMap<string, NdArray>, name: string): boolean {
  return tensors.has(`${name}_u`) && !tensors.has(`${name}_mask`);
}

function maskedWeight(tensors: ReadonlyMap<string, NdArray>, key: string, name: string): NdArray {
  const original = tensors.get(`${key}_orig`)!;
  const mask = tensors.get(`${key}_mask`);
  if (!mask) throw halfOf(name, `${key}_orig`, `${key}_mask`);
  if (tensors.has(key)) {
    throw new StudyError(
      'core/weights-mismatch',
      `${name}: "${key}" is there, and "${key}_orig" with its mask, too. Which one is meant cannot be told: save one of them.`,
    );
  }
  if (mask.shape.join() !== original.shape.join()) {
    throw new StudyError(
      'core/weights-mismatch',
      `${name}: "${key}_mask" must have the shape of "${key}_orig", [${original.shape.join(', ')}]; found [${mask.shape.join(', ')}]. Save both again.`,
    );
  }
  return { ...original, data: original.data.map((value, i) => value * mask.data[i]!) };
}

function halfOf(name: string, found: string, missing: string): StudyError {
  return new StudyError(
    'core/weights-mismatch',
    `${name}: "${found}" is one half of a pruned weight (torch.nn.utils.prune); "${missing}" is missing. ` +
      'Call torch.nn.utils.prune.remove on the layer, or save the whole state_dict.',
  );
}
