import type { InitialDistribution, ParameterInfo } from '@espalier/core';
import type { Network } from './network.ts';
import { deviceParametersOf } from './parameters.ts';

/** What training starts from. */
export type InitialRule = (
  parameter: ParameterInfo,
  /** Values that one output is computed from; for a bias those of its kernel. */
  inputs: number,
) => InitialDistribution;

/** All parameters of a network, each with what it is drawn from by `rule`; running statistics start as those of nothing. */
export function parametersBy(
  network: Pick<Network, 'nodes'>,
  rule: InitialRule,
): readonly (ParameterInfo & Required<Pick<ParameterInfo, 'initial'>>)[] {
  return deviceParametersOf(network).map(({ name, shape, role, outputAxis, inputs, initial }) => ({
    ...{ name, shape, role },
    ...(outputAxis && { outputAxis }),
    initial: initial ?? rule({ name, shape, role }, inputs ?? 1),
  }));
}
