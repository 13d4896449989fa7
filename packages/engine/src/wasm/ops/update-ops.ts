import { sizeOf } from '@espalier/core';
import type { UpdateOps } from '../../ops.ts';
import { expectShape } from '../../shapes/expect-shape.ts';
import type { Device } from '../device.ts';
import { Handle } from '../handle.ts';
import { adamNumbers, sgdNumbers } from '../update-rules.ts';

export function updateOps(device: Device): UpdateOps {
  const { heap } = device;
  return {
    variable(data, shape) {
      expectShape([data.length], [sizeOf(shape)]);
      return device.scopes.ownForever(new Handle(shape, heap.from(data)));
    },
    read: (variable) => device.own(variable.shape, device.buffer(variable).share()),
    assign(variable, value) {
      const handle = variable as Handle; // every variable of these ops is a Handle
      const buffer = device.buffer(value, handle.shape).share();
      device.buffer(handle).release();
      handle.buffer = buffer;
    },
    applySgd(weight, velocity, gradient, rule) {
      using numbers = heap.from(sgdNumbers(rule));
      const g = device.buffer(gradient, weight.shape);
      const [w, v] = [device.writable(weight), device.writable(velocity, weight.shape)];
      heap.kernels.applySgd(w.address, v.address, g.address, numbers.address, w.vectors);
    },
    applyAdam(weight, mean, square, gradient, rule) {
      using numbers = heap.from(adamNumbers(rule));
      const { shape } = weight;
      const g = device.buffer(gradient, shape);
      const [w, m, s] = [device.writable(weight), device.writable(mean, shape), device.writable(square, shape)];
      heap.kernels.applyAdam(w.address, m.address, s.address, g.address, numbers.address, w.vectors);
    },
  };
}
