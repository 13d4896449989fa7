import type { Ops } from '../../../src/ops.ts';
import { of, type Results, type SlowVariable } from './slow-tensors.ts';

/** Variables, kept in float32, and the rules that train them. */
export function updates({
  scopes,
  make,
}: Results): Pick<Ops, 'variable' | 'read' | 'assign' | 'applySgd' | 'applyAdam'> {
  return {
    variable: (data, shape) => scopes.ownForever<SlowVariable>({ shape, values: Float64Array.from(data) }),
    read: (variable) => make(variable.shape, of(variable).slice()),
    assign(variable, value) {
      (variable as SlowVariable).values = of(value).map(Math.fround); // a test passes this engine's own handles
    },
    applySgd(weight, velocity, gradient, { learningRate, momentum, nesterov, weightDecay }) {
      const [w, v] = [of(weight), of(velocity)];
      of(gradient).forEach((raw, i) => {
        const g = raw + weightDecay * w[i]!;
        v[i] = Math.fround(momentum * v[i]! + g);
        w[i] = Math.fround(w[i]! - learningRate * (nesterov ? g + momentum * v[i]! : v[i]!));
      });
    },
    applyAdam(weight, mean, square, gradient, { beta1, beta2, keptWeight, rate, squareCorrection, epsilon }) {
      const [w, m, s] = [of(weight), of(mean), of(square)];
      of(gradient).forEach((g, i) => {
        m[i] = Math.fround(beta1 * m[i]! + (1 - beta1) * g);
        s[i] = Math.fround(beta2 * s[i]! + (1 - beta2) * g * g);
        w[i] = Math.fround(keptWeight * w[i]! - (rate * m[i]!) / (squareCorrection * Math.sqrt(s[i]!) + epsilon));
      });
    },
  };
}
