import { type NdArray, ndArray, type ParameterInfo, StudyError, type Weights } from '@espalier/core';
import { withMasksApplied } from './pruned-tensors.ts';
import type { StateDict, StateDictPlace } from './state-dict.ts';
import { withoutWrappers } from './wrapper-names.ts';

/**
 * Weights by the names of `parameters` from a state_dict as PyTorch writes it: prefixes of wrappers are left off
 * (`module.` of DataParallel, `_orig_mod.` of torch.compile, `model.` of a class around the network), masks of
 * torch.nn.utils.prune are applied, and missing counts of BatchNorm are 0, as `load_state_dict` sets them.
 *
 * Names that are still unknown stay: whoever makes the model refuses them.
 *
 * @throws StudyError `core/weights-mismatch` for what cannot be decided: several networks in a file, half a pruning, whole numbers
 */
export function readStateDict(state: StateDict, parameters: readonly ParameterInfo[], place: StateDictPlace): Weights {
  const named = withoutWrappers(state, parameters, place);
  refuseWholeNumbers(named, parameters, place.name);
  const masked = withMasksApplied(named.tensors, place);
  refuseReparametrized(masked, parameters, place.name);
  return withCounts(masked, parameters, place);
}

/** PyTorch's layers since 2018 have a count of batches; what is older, or made elsewhere, may not. Nothing computes with it. */
function withCounts(
  tensors: ReadonlyMap<string, NdArray>,
  parameters: readonly ParameterInfo[],
  { name, log }: StateDictPlace,
): Weights {
  const counts = parameters.filter(({ role, shape }) => role === 'statistic' && shape.length === 0);
  const weights = new Map(tensors);
  for (const { name: count } of counts) {
    const found = weights.get(count);
    // PyTorch before 0.4 had no arrays without axes.
    if (found?.shape.join() === '1') weights.set(count, ndArray('', [], found.data));
    else if (!found) weights.set(count, ndArray('', []));
  }
  const missing = counts.filter((count) => !tensors.has(count.name)).length;
  if (missing > 0)
    log(`${name}: ${missing} of ${counts.length} counts of batches are missing; 0, nothing computes with them`);
  return weights;
}

function refuseWholeNumbers({ tensors, dtypes }: StateDict, parameters: readonly ParameterInfo[], name: string): void {
  for (const { name: parameter, shape } of parameters) {
    for (const key of [parameter, `${parameter}_orig`]) {
      const dtype = dtypes.get(key) ?? '';
      if (shape.length === 0 || !tensors.has(key) || /^B?F/.test(dtype)) continue;
      throw new StudyError(
        'core/weights-mismatch',
        `${name}: "${key}" holds values of the type ${dtype}; weights are fractions. A quantised network means nothing ` +
          'without its scales: save the network as it was before it was quantised.',
      );
    }
  }
}

const reparametrized: readonly (readonly [ending: RegExp, what: string, remedy: string])[] = [
  [
    /\.parametrizations\./,
    'a parametrization (torch.nn.utils.parametrize)',
    'torch.nn.utils.parametrize.remove_parametrizations',
  ],
  [/_u$/, 'a spectral norm (torch.nn.utils.spectral_norm)', 'torch.nn.utils.remove_spectral_norm'],
  [/_g$/, 'a weight norm (torch.nn.utils.weight_norm)', 'torch.nn.utils.remove_weight_norm'],
];

function refuseReparametrized(
  tensors: ReadonlyMap<string, NdArray>,
  parameters: readonly ParameterInfo[],
  name: string,
): void {
  const known = new Set(parameters.map((parameter) => parameter.name));
  const unknown = [...tensors.keys()].filter((key) => !known.has(key));
  for (const [ending, what, remedy] of reparametrized) {
    const key = unknown.find((each) => ending.test(each));
    if (key === undefined) continue;
    throw new StudyError(
      'core/weights-mismatch',
      `${name}: "${key}" is part of ${what}, from which the weight would have to be computed. Call ${remedy} on the layer, then save again.`,
    );
  }
}
