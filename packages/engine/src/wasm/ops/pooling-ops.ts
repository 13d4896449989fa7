import type { PoolingOps } from '../../ops.ts';
import { expectFour } from '../../shapes/window-shapes.ts';
import { outputShape, poolGeometry } from '../convolution/geometry.ts';
import type { Device } from '../device.ts';
import { maxPool, maxPoolGradient } from '../max-pool.ts';
import { spreadOverRows, sumRows } from '../spatial-mean.ts';

export function poolingOps(device: Device): PoolingOps {
  const { heap } = device;
  return {
    maxPool(x, window) {
      const geometry = poolGeometry(x, window);
      return device.own(outputShape(geometry), maxPool(heap, device.buffer(x), geometry));
    },
    maxPoolGradient(dy, x, y, window) {
      const geometry = poolGeometry(x, window);
      const shape = outputShape(geometry);
      const [dyBuffer, yBuffer] = [device.buffer(dy, shape), device.buffer(y, shape)];
      return device.own(x.shape, maxPoolGradient(heap, dyBuffer, device.buffer(x), yBuffer, geometry));
    },
    spatialMean(x) {
      const [images, height, width, channels] = expectFour(x.shape, 'An activation');
      const rows = height * width;
      return device.own([images, channels], sumRows(heap, device.buffer(x), images, { rows, channels }, rows));
    },
    spatialMeanGradient(dy, height, width) {
      const [images, channels] = dy.shape as readonly [number, number]; // promised by Ops
      const dx = spreadOverRows(heap, device.buffer(dy), images, { rows: height * width, channels });
      return device.own([images, height, width, channels], dx);
    },
  };
}
