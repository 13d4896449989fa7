import { cpuFlags, type TensorFlowBinding } from '@espalier/native-tensorflow';
import type { DType, ElementwiseOps, Ops, Tensor, UpdateOps, Variable } from '../ops.ts';
import { activate, activateGradient } from './activations.ts';
import { batchNorm, batchNormGradient } from './batch-norm.ts';
import { add, multiply } from './broadcast.ts';
import { convolveInputGradient, convolveKernelGradient } from './convolution/convolution.ts';
import { depthwiseOps } from './convolution/depthwise.ts';
import { fusingConvolve } from './convolution/fused-convolution.ts';
import { SmallMapConvolutions } from './convolution/small-map-convolution.ts';
import * as elementwise from './elementwise.ts';
import { maxPool, maxPoolGradient } from './pooling.ts';
import { productOps } from './products.ts';
import { rowOps } from './rows.ts';
import { type NativeTensor, type NativeVariable, native, Runtime } from './runtime.ts';
import { shapeOps } from './shapes.ts';
import { spatialMean, spatialMeanGradient } from './spatial-mean.ts';
import * as variables from './variables.ts';

/** `Ops` on TensorFlow's eager ops, called through the raw addon: no tape and no JavaScript kernel between. */
export function tensorflowOps(binding: TensorFlowBinding): Ops {
  const runtime = new Runtime(binding);
  const small = new SmallMapConvolutions(runtime);
  const hasFastBfloat16 = binding.isUsingGpuDevice() || cpuFlags().includes('amx_bf16');
  const fused: readonly DType[] = hasFastBfloat16 ? ['float32', 'bfloat16'] : ['float32'];
  const convolve = fusingConvolve(runtime, fused);
  return {
    engine: 'tensorflow',
    version: binding.TF_Version,
    hasBfloat16: true,
    hasFastBfloat16,
    get live() {
      return runtime.scopes.live;
    },
    scope: (work) => runtime.scopes.run(work),
    release(...values) {
      for (const value of values as (NativeTensor | NativeVariable)[]) {
        // see `native`
        small.forget(value);
        runtime.scopes.release(value);
      }
    },
    upload: (data, shape) => variables.upload(runtime, data, shape),
    adopt: (data, shape) => variables.adopt(runtime, data, shape),
    download: (value) => download(runtime, value),
    cast: (x, dtype) => elementwise.cast(runtime, x, dtype),
    freeze: (kernel) => small.freeze(kernel),
    convolve: (x, kernel, window, epilogue = {}) =>
      small.takes(kernel, window, x.shape)
        ? small.convolve(x, kernel, epilogue)
        : convolve(x, kernel, window, epilogue),
    convolveInputGradient: (dy, kernel, window, inputShape) =>
      small.takes(kernel, window, inputShape)
        ? small.inputGradient(dy, kernel)
        : convolveInputGradient(runtime, dy, kernel, window, inputShape),
    convolveKernelGradient: (...inputs) => convolveKernelGradient(runtime, ...inputs),
    ...depthwiseOps(runtime, fused),
    batchNorm: (...inputs) => batchNorm(runtime, ...inputs),
    batchNormGradient: (...inputs) => batchNormGradient(runtime, ...inputs),
    ...rowOps(runtime),
    ...elementwiseOps(runtime),
    maxPool: (x, window) => maxPool(runtime, x, window),
    maxPoolGradient: (...inputs) => maxPoolGradient(runtime, ...inputs),
    spatialMean: (x) => spatialMean(runtime, x),
    spatialMeanGradient: (...inputs) => spatialMeanGradient(runtime, ...inputs),
    ...productOps(runtime, fused),
    ...shapeOps(runtime),
    ...updateOps(runtime),
  };
}

function elementwiseOps(runtime: Runtime): ElementwiseOps {
  return {
    relu: (x) => elementwise.relu(runtime, x),
    reluGradient: (dy, y) => elementwise.reluGradient(runtime, dy, y),
    add: (a, b) => add(runtime, a, b),
    multiply: (a, b) => multiply(runtime, a, b),
    quotient: (...inputs) => elementwise.quotient(runtime, ...inputs),
    activate: (x, f) => activate(runtime, x, f),
    activateGradient: (...inputs) => activateGradient(runtime, ...inputs),
    sumTo: (x, shape) => elementwise.sumTo(runtime, x, shape),
    scale: (x, factor) => elementwise.scale(runtime, x, factor),
    addBias: (x, bias) => elementwise.addBias(runtime, x, bias),
    biasGradient: (dy) => elementwise.biasGradient(runtime, dy),
  };
}

function updateOps(runtime: Runtime): UpdateOps {
  return {
    variable: (data, shape) => variables.variable(runtime, data, shape),
    read: (variable) => variables.read(runtime, variable),
    assign: (variable, value) => variables.assign(runtime, variable, value),
    applySgd: (...inputs) => variables.applySgd(runtime, ...inputs),
    applyAdam: (...inputs) => variables.applyAdam(runtime, ...inputs),
  };
}

function download(runtime: Runtime, value: Tensor | Variable): Float32Array {
  return runtime.scopes.run(() => {
    const tensor = 'dtype' in value ? native(value) : variables.read(runtime, value);
    const exact = tensor.dtype === 'float32' ? tensor : elementwise.cast(runtime, tensor, 'float32');
    return runtime.binding.tensorDataSync(exact.id) as Float32Array; // the addon returns the array type of the dtype
  });
}
