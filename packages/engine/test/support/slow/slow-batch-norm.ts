import type { Ops } from '../../../src/ops.ts';
import { of, perChannel, type Results } from './slow-tensors.ts';

/** Batch normalisation by two passes, and its gradients as derived from them. */
export function batchNorms({ make, map }: Results): Pick<Ops, 'batchNorm' | 'batchNormGradient'> {
  return {
    batchNorm(x, { scale, shift, runningMean, runningVariance }, { momentum, epsilon }) {
      const channels = of(scale).length;
      const count = of(x).length / channels;
      const mean = perChannel(x, channels, (value) => value / count);
      const variance = perChannel(x, channels, (value, c) => (value - mean[c]!) ** 2 / count);
      const y = map(x, (value, i) => {
        const c = i % channels;
        return ((value - mean[c]!) / Math.sqrt(variance[c]! + epsilon)) * of(scale)[c]! + of(shift)[c]!;
      });
      const unbiased = count / Math.max(1, count - 1);
      return {
        y,
        runningMean: map(runningMean, (value, c) => (1 - momentum) * value + momentum * mean[c]!),
        runningVariance: map(runningVariance, (v, c) => (1 - momentum) * v + momentum * variance[c]! * unbiased),
        saved: [make([channels], mean), make([channels], variance)],
      };
    },
    batchNormGradient(dy, x, scale, saved, epsilon) {
      const channels = of(scale).length;
      const count = of(x).length / channels;
      const [mean, variance] = saved.map(of);
      const inverse = variance!.map((value) => 1 / Math.sqrt(value + epsilon));
      const unit = of(x).map((value, i) => (value - mean![i % channels]!) * inverse[i % channels]!);
      const dShift = perChannel(dy, channels, (value) => value);
      const dScale = perChannel(dy, channels, (value, _, i) => value * unit[i]!);
      const dx = map(dy, (value, i) => {
        const c = i % channels;
        return of(scale)[c]! * inverse[c]! * (value - dShift[c]! / count - (unit[i]! * dScale[c]!) / count);
      });
      return { dx, dScale: make([channels], dScale), dShift: make([channels], dShift) };
    },
  };
}
