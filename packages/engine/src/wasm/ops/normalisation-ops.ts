import type { NormalisationOps, Tensor } from '../../ops.ts';
import { batchNorm, batchNormGradient, channelsOf } from '../batch-norm.ts';
import type { Device } from '../device.ts';
import { layerNorm, layerNormGradient, rowsOf, softmax, softmaxGradient } from '../rows.ts';

export function normalisationOps(device: Device): NormalisationOps {
  return { ...batchNorms(device), ...rowNorms(device) };
}

function batchNorms(device: Device): Pick<NormalisationOps, 'batchNorm' | 'batchNormGradient'> {
  const { heap } = device;
  return {
    batchNorm(x, { scale, shift, runningMean, runningVariance }, options) {
      const channels = x.shape.slice(-1);
      const buffers = {
        scale: device.buffer(scale, channels),
        shift: device.buffer(shift, channels),
        runningMean: device.buffer(runningMean, channels),
        runningVariance: device.buffer(runningVariance, channels),
      };
      const result = batchNorm(heap, device.buffer(x), channelsOf(x), buffers, options);
      return {
        y: device.own(x.shape, result.y),
        runningMean: device.own(channels, result.runningMean),
        runningVariance: device.own(channels, result.runningVariance),
        saved: [device.own(channels, result.mean), device.own(channels, result.inverseDeviation)],
      };
    },
    batchNormGradient(dy, x, scale, saved) {
      const [mean, inverseDeviation] = saved as readonly [Tensor, Tensor]; // as batchNorm made them
      const operands = {
        dy: device.buffer(dy, x.shape),
        x: device.buffer(x),
        scale: device.buffer(scale, x.shape.slice(-1)),
        mean: device.buffer(mean),
        inverseDeviation: device.buffer(inverseDeviation),
      };
      const { dx, dScale, dShift } = batchNormGradient(heap, operands, channelsOf(x));
      return {
        dx: device.own(x.shape, dx),
        dScale: device.own(scale.shape, dScale),
        dShift: device.own(scale.shape, dShift),
      };
    },
  };
}

function rowNorms(device: Device): Omit<NormalisationOps, 'batchNorm' | 'batchNormGradient'> {
  const { heap } = device;
  return {
    layerNorm(x, scale, shift, epsilon) {
      const [scales, shifts] = [scale, shift].map((parameter) => device.buffer(parameter, x.shape.slice(-1)));
      const parameters = { scale: scales!, shift: shifts!, epsilon };
      return device.own(x.shape, layerNorm(heap, device.buffer(x), rowsOf(x.shape), parameters));
    },
    layerNormGradient(dy, x, scale, epsilon) {
      const operands = {
        dy: device.buffer(dy, x.shape),
        x: device.buffer(x),
        scale: device.buffer(scale, x.shape.slice(-1)),
      };
      const { dx, dScale, dShift } = layerNormGradient(heap, operands, rowsOf(x.shape), epsilon);
      return {
        dx: device.own(x.shape, dx),
        dScale: device.own(scale.shape, dScale),
        dShift: device.own(scale.shape, dShift),
      };
    },
    softmax: (x) => device.own(x.shape, softmax(heap, device.buffer(x), rowsOf(x.shape))),
    softmaxGradient: (dy, y) =>
      device.own(y.shape, softmaxGradient(heap, device.buffer(dy, y.shape), device.buffer(y), rowsOf(y.shape))),
  };
}
