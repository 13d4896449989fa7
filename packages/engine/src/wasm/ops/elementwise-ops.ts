import type { ElementwiseOps, Tensor } from '../../ops.ts';
import { isSameShape } from '../../shapes/expect-shape.ts';
import { broadcastShape, expectSumTo } from '../../shapes/layout-shapes.ts';
import { activate, activateGradient } from '../activations.ts';
import { channelsOf, groupsOf } from '../batch-norm.ts';
import { combine, type Shaped, sumTo } from '../broadcast.ts';
import type { Device } from '../device.ts';
import { sumRows } from '../spatial-mean.ts';

export function elementwiseOps(device: Device): ElementwiseOps {
  const { heap } = device;
  return {
    ...reluOps(device),
    activate: (x, f) => device.own(x.shape, activate(heap, device.buffer(x), f)),
    activateGradient: (dy, x, f) =>
      device.own(x.shape, activateGradient(heap, device.buffer(dy, x.shape), device.buffer(x), f)),
    ...repeatingOps(device),
    scale(x, factor) {
      using number = heap.from([factor]);
      const from = device.buffer(x);
      const y = heap.allocate(from.count);
      heap.kernels.scale(from.address, number.address, y.address, y.vectors);
      return device.own(x.shape, y);
    },
    quotient(a, b, epsilon) {
      using number = heap.from([epsilon]);
      const [left, right] = [device.buffer(a), device.buffer(b, a.shape)];
      const y = heap.allocate(left.count);
      heap.kernels.quotient(left.address, right.address, number.address, y.address, y.vectors);
      return device.own(a.shape, y);
    },
    addBias(x, bias) {
      const { rows, channels } = channelsOf(x);
      const { groups, lanes } = groupsOf(channels);
      const [from, add] = [device.buffer(x), device.buffer(bias, [channels])];
      const y = heap.allocate(from.count);
      heap.kernels[`addBias${lanes}`](from.address, add.address, y.address, rows, groups);
      return device.own(x.shape, y);
    },
    biasGradient(dy) {
      const shape = channelsOf(dy);
      return device.own([shape.channels], sumRows(heap, device.buffer(dy), 1, shape, 1));
    },
  };
}

function reluOps(device: Device): Pick<ElementwiseOps, 'relu' | 'reluGradient'> {
  const { heap } = device;
  return {
    relu(x) {
      const from = device.buffer(x);
      const y = heap.allocate(from.count);
      heap.kernels.relu(from.address, y.address, y.vectors);
      return device.own(x.shape, y);
    },
    reluGradient: (dy, y) => valueByValue(device, 'reluGradient', dy, y),
  };
}

function repeatingOps(device: Device): Pick<ElementwiseOps, 'add' | 'multiply' | 'sumTo'> {
  const shaped = (x: Tensor): Shaped => ({ buffer: device.buffer(x), shape: x.shape });
  const repeating = (operation: 'plus' | 'times', a: Tensor, b: Tensor): Tensor => {
    const shape = broadcastShape(a.shape, b.shape);
    return device.own(shape, combine(device.heap, operation, shaped(a), shaped(b), shape));
  };
  return {
    add: (a, b) => (isSameShape(a.shape, b.shape) ? valueByValue(device, 'add', a, b) : repeating('plus', a, b)),
    multiply: (a, b) =>
      isSameShape(a.shape, b.shape) ? valueByValue(device, 'multiply', a, b) : repeating('times', a, b),
    sumTo(x, shape) {
      expectSumTo(x.shape, shape);
      return device.own(shape, sumTo(device.heap, shaped(x), shape));
    },
  };
}

function valueByValue(device: Device, kernel: 'add' | 'multiply' | 'reluGradient', a: Tensor, b: Tensor): Tensor {
  const { heap } = device;
  const [left, right] = [device.buffer(a), device.buffer(b, a.shape)];
  const y = heap.allocate(left.count);
  heap.kernels[kernel](left.address, right.address, y.address, y.vectors);
  return device.own(a.shape, y);
}
