// Loads the addon named on the command line in a process of its own, so that a library that aborts (an older CPU, a wrong CUDA)
// ends only this one, and compares a convolution and its two gradients with plain loops. Prints one line of JSON.
import { createRequire } from 'node:module';

process.env.TF_CPP_MIN_LOG_LEVEL ??= '3';
process.on('uncaughtException', (error) => {
  process.stdout.write(`${JSON.stringify({ problem: error.message.split('\n')[0] })}\n`);
  process.exit(1);
});
const binding = createRequire(import.meta.url)(process.argv[2]);

const batch = 2;
const size = 9;
const kernel = 3;
const inputs = 5;
const outputs = 7;
const out = size - kernel + 1;
// A deterministic pattern of small binary fractions: products and sums are exact in float32, with or without fused multiply-add.
const pattern = (length, step) => Float32Array.from({ length }, (_, i) => (((i * step) % 17) - 8) / 8);

const x = pattern(batch * size * size * inputs, 7);
const w = pattern(kernel * kernel * inputs * outputs, 5);
const dy = pattern(batch * out * out * outputs, 11);

/** Calls `visit` with the offset in x, w and y of every product of the convolution (NHWC, HWIO, stride 1, no padding). */
function eachProduct(visit) {
  for (let n = 0; n < batch; n++)
    for (let i = 0; i < out; i++)
      for (let j = 0; j < out; j++)
        for (let u = 0; u < kernel; u++)
          for (let v = 0; v < kernel; v++)
            for (let c = 0; c < inputs; c++)
              for (let k = 0; k < outputs; k++)
                visit(
                  ((n * size + i + u) * size + j + v) * inputs + c,
                  ((u * kernel + v) * inputs + c) * outputs + k,
                  ((n * out + i) * out + j) * outputs + k,
                );
}

const y = new Float64Array(dy.length);
const dx = new Float64Array(x.length);
const dw = new Float64Array(w.length);
eachProduct((a, b, c) => {
  y[c] += x[a] * w[b];
  dx[a] += dy[c] * w[b];
  dw[b] += dy[c] * x[a];
});

const attributes = [
  { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
  { name: 'strides', type: binding.TF_ATTR_INT, value: [1, 1, 1, 1] },
  { name: 'padding', type: binding.TF_ATTR_STRING, value: 'VALID' },
  { name: 'data_format', type: binding.TF_ATTR_STRING, value: 'NHWC' },
  { name: 'use_cudnn_on_gpu', type: binding.TF_ATTR_BOOL, value: true },
  { name: 'dilations', type: binding.TF_ATTR_INT, value: [1, 1, 1, 1] },
];
const float = (shape, values) => binding.createTensor(shape, binding.TF_FLOAT, values);
const shape = (values) => binding.createTensor([values.length], binding.TF_INT32, Int32Array.from(values));
const xShape = [batch, size, size, inputs];
const wShape = [kernel, kernel, inputs, outputs];
const xId = float(xShape, x);
const wId = float(wShape, w);
const dyId = float([batch, out, out, outputs], dy);

function largestError(op, ids, expected) {
  const [result] = binding.executeOp(op, attributes, ids, 1);
  const found = binding.tensorDataSync(result.id);
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY;
  // NaN must not pass: Math.max would keep it, a comparison with `>` would drop it.
  return expected.reduce((worst, value, i) => Math.max(worst, Math.abs(found[i] - value)), 0);
}

const errors = {
  Conv2D: largestError('Conv2D', [xId, wId], y),
  Conv2DBackpropInput: largestError('Conv2DBackpropInput', [shape(xShape), wId, dyId], dx),
  Conv2DBackpropFilter: largestError('Conv2DBackpropFilter', [xId, shape(wShape), dyId], dw),
};
// CUDA may use TF32 (10 bits of mantissa), and the sums here reach about 100.
const tolerance = binding.isUsingGpuDevice() ? 0.2 : 1e-4;
const wrong = Object.entries(errors).find(([, error]) => !(error <= tolerance));
if (wrong) throw new Error(`${wrong[0]} differs from the plain loop by ${wrong[1]} (at most ${tolerance} expected)`);
process.stdout.write(`${JSON.stringify({ version: binding.TF_Version, gpu: binding.isUsingGpuDevice(), errors })}\n`);
