import type { Tensor } from '../ops.ts';
import { expectFour } from '../shapes/window-shapes.ts';
import { times } from './elementwise.ts';
import { native, type Runtime } from './runtime.ts';

export function spatialMean(runtime: Runtime, x: Tensor): Tensor {
  expectFour(x.shape, 'An activation');
  const attributes = [runtime.type('T', x.dtype), runtime.type('Tidx', 'int32'), runtime.bool('keep_dims', false)];
  return runtime.run('Mean', attributes, [native(x), runtime.integers([1, 2])]);
}

export function spatialMeanGradient(runtime: Runtime, dy: Tensor, height: number, width: number): Tensor {
  const [n, channels] = dy.shape as [number, number]; // dy is n c
  const each = times(runtime, native(dy), 1 / (height * width));
  const attributes = [runtime.type('T', dy.dtype), runtime.type('Tshape', 'int32')];
  const place = runtime.run('Reshape', attributes, [each, runtime.integers([n, 1, 1, channels])]);
  const spread = runtime.run(
    'BroadcastTo',
    [runtime.type('T', dy.dtype), runtime.type('Tidx', 'int32')],
    [place, runtime.integers([n, height, width, channels])],
  );
  for (const temporary of [each, place]) runtime.scopes.release(temporary);
  return spread;
}
