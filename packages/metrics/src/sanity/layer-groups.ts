import type { ParameterInfo } from '@espalier/core';

/** Parameters that are randomised together. */
export interface LayerGroup {
  readonly name: string;
  readonly parameters: readonly ParameterInfo[];
}

/**
 * The layers of a network, in order: parameters whose names start alike, as `layer1.0` for `layer1.0.conv1.weight`.
 *
 * @param depth how many parts of a name make a layer; null takes all but the last, so that every module is a layer
 * @param normalisation whether a layer without a kernel, such as BatchNorm, stands alone or joins the one before it
 */
export function layerGroups(
  parameters: readonly ParameterInfo[],
  depth: number | null,
  normalisation: 'joins' | 'alone',
): readonly LayerGroup[] {
  const groups = new Map<string, ParameterInfo[]>();
  for (const parameter of parameters) {
    const parts = parameter.name.split('.').slice(0, -1);
    const name = (depth === null ? parts : parts.slice(0, depth)).join('.');
    groups.set(name, [...(groups.get(name) ?? []), parameter]);
  }
  const joined: { name: string; parameters: readonly ParameterInfo[] }[] = [];
  for (const [name, members] of groups) {
    const before = joined.at(-1);
    const isAlone = normalisation === 'alone' || members.some(({ role }) => role === 'kernel');
    if (isAlone || !before) joined.push({ name, parameters: members });
    else before.parameters = [...before.parameters, ...members];
  }
  return joined;
}
