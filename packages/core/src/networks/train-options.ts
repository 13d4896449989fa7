import * as z from 'zod';

/** The largest number of float32, in which steps are taken. */
const largestRate = (2 - 2 ** -23) * 2 ** 127;

const optimizer = z.discriminatedUnion('name', [
  z.strictObject({
    name: z.literal('sgd'),
    momentum: z.number().min(0).lt(1).default(0.9).describe('velocity kept from step to step, in [0, 1)'),
    nesterov: z.boolean().default(false).describe('look ahead along the velocity (Nesterov)'),
  }),
  z.strictObject({
    name: z.literal('adamw'),
    beta1: z.number().min(0).lt(1).default(0.9).describe('decay of the mean gradient, in [0, 1)'),
    beta2: z.number().min(0).lt(1).default(0.999).describe('decay of the mean squared gradient, in [0, 1)'),
    epsilon: z.number().positive().max(1).default(1e-8).describe('added to the root of the second moment'),
  }),
  z.strictObject({
    name: z.literal('ranger'),
    beta1: z.number().min(0).lt(1).default(0.95).describe('decay of the mean gradient, in [0, 1)'),
    beta2: z.number().min(0).lt(1).default(0.999).describe('decay of the mean squared gradient, in [0, 1)'),
    epsilon: z.number().positive().max(1).default(1e-5).describe('added to the root of the second moment'),
    rectificationThreshold: z
      .number()
      .min(4)
      .max(1e6)
      .default(5)
      .describe('RAdam: length of the approximated moving average above which the step is Adam’s, rectified'),
    lookaheadSteps: z.int().min(1).max(1e6).default(6).describe('Lookahead’s k: fast steps for each slow one'),
    lookaheadAlpha: z
      .number()
      .gt(0)
      .max(1)
      .default(0.5)
      .describe('Lookahead’s alpha: how far a slow step goes towards the fast weights, in (0, 1]'),
    centralize: z
      .boolean()
      .default(true)
      .describe('gradient centralization: subtract from each gradient of a kernel its mean over the inputs'),
  }),
]);

function rises([first, second]: readonly [number, number]): boolean {
  return first <= second;
}

const schedule = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('constant') }),
  z.strictObject({
    name: z.literal('cosine'),
    final: z.number().min(0).max(largestRate).default(0).describe('learning rate reached at the last step'),
  }),
  z.strictObject({
    name: z.literal('one-cycle'),
    warmup: z.number().min(0).lt(1).default(0.3).describe('fraction of the steps spent rising'),
    startDivisor: z.number().min(1).max(1e12).default(25).describe('peak learning rate over the first one'),
    finalDivisor: z.number().min(1).max(1e12).default(1e4).describe('first learning rate over the last one'),
  }),
]);

/** How a model is trained; the options of `core/train` and of a pruner's `finetune`. */
export const trainOptions = z.strictObject({
  epochs: z.int().min(0).max(100_000).describe('passes over the training images'),
  batchSize: z
    .int()
    .min(1)
    .max(8192) // of 224 x 224 pixels: 5 GiB before the first layer
    .default(64)
    .describe('images per step'),
  learningRate: z.number().positive().max(largestRate).default(0.01).describe('peak learning rate'),
  weightDecay: z
    .number()
    .min(0)
    .max(100)
    .default(5e-4)
    .describe('L2 decay (SGD) or decoupled decay (AdamW, Ranger) of kernels'),
  decayAll: z.boolean().default(false).describe('also decay biases and normalisation parameters'),
  optimizer: optimizer.default({ name: 'sgd', momentum: 0.9, nesterov: false }).describe('update rule'),
  schedule: schedule
    .default({ name: 'one-cycle', warmup: 0.3, startDivisor: 25, finalDivisor: 1e4 })
    .describe('learning rate over the steps'),
  labelSmoothing: z.number().min(0).lt(1).default(0).describe('probability spread over all classes'),
  crop: z
    .strictObject({
      scale: z
        .tuple([z.number().positive().max(1), z.number().max(1)])
        .refine(rises, 'the smaller one comes first')
        .default([0.35, 1])
        .describe('area kept, as fractions'),
      ratio: z
        .tuple([z.number().positive().max(100), z.number().positive().max(100)])
        .refine(rises, 'the smaller one comes first')
        .default([3 / 4, 4 / 3])
        .describe('width over height'),
    })
    .nullable()
    .default({ scale: [0.35, 1], ratio: [3 / 4, 4 / 3] })
    .describe('random resized crop; null turns it off'),
  flip: z.boolean().default(true).describe('mirror half of the images left to right'),
});

/** How a network is trained, with every default filled in. */
export type TrainOptions = z.output<typeof trainOptions>;
