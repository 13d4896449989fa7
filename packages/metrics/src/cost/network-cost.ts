import { type Model, sizeOf } from '@espalier/core';

/** How large a network is, and what one image costs. */
export interface NetworkCost {
  /** Trained parameters: running statistics are not among them. */
  readonly parameters: number;
  /** Products within sums, for one image. */
  readonly multiplyAccumulates: number;
}

/** Of the network as it is stored: removed weights count as the others do. */
export function costOf(model: Model): NetworkCost {
  return sumOver(model, ({ shape }) => sizeOf(shape));
}

/** Of what a machine would compute that skips every weight which is zero. */
export async function costOfNonzero(model: Model): Promise<NetworkCost> {
  const weights = await model.weights();
  return sumOver(model, ({ name }) => weights.get(name)!.data.reduce((sum, value) => sum + Number(value !== 0), 0));
}

/** The formula: sum over parameters of weights, and of weights times the values that each is multiplied with. */
function sumOver(model: Model, weightsOf: (parameter: Model['parameters'][number]) => number): NetworkCost {
  const { perWeight, ofValues } = model.multiplyAccumulates();
  let [parameters, multiplyAccumulates] = [0, ofValues];
  for (const parameter of model.parameters) {
    if (parameter.role === 'statistic') continue;
    const weights = weightsOf(parameter);
    parameters += weights;
    multiplyAccumulates += weights * (perWeight.get(parameter.name) ?? 0);
  }
  return { parameters, multiplyAccumulates };
}
