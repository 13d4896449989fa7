import { layerNamed } from '@espalier/core';
import type { Matrix } from '../matrix.ts';
import { type Head, type ImageCodes, type Importance, logitsOfMasks } from './importance.ts';
import { isConstant } from './total-sobol.ts';

/** Whether the logit is linear in the mask: the rest of the network is affine, and no reconstruction is cut off at zero on the way there. */
export function isLinearInMasks({ model, layer }: Head, { rest, isSigned = false }: ImageCodes): boolean {
  return layerNamed(model.layers, layer).hasAffineRest === true && (rest === undefined || isSigned);
}

/**
 * Total Sobol indices where the logit is linear in the mask, from each concept alone:
 *
 *     y(m) = y(0) + sum_k m_k c_k,   c_k = y(concept k alone) - y(0),
 *
 * and of m uniform in [0, 1]^r, concept k has a part in the variance c_k^2 / 12: S_k = c_k^2 / sum c^2, without error but rounding. All 0
 * where no concept changes the logit.
 *
 * @param directions V = W', d r
 */
export async function linearImportance(head: Head, image: ImageCodes, directions: Matrix): Promise<Importance> {
  const inputs = directions.columns;
  const [none, all] = [new Float64Array(inputs), new Float64Array(inputs).fill(1)];
  const [without, ...alone] = await logitsOfMasks(head, image, directions, { inputs, A: none, B: all });
  const changes = Float64Array.from(alone, (logit) => logit - without!); // the first is there
  const sum = changes.reduce((total, change) => total + change ** 2, 0);
  const isNothing = isConstant(Float64Array.of(without!, ...alone));
  const importance = changes.map((change) => (isNothing ? 0 : change ** 2 / sum));
  return { importance, error: new Float64Array(inputs) };
}
