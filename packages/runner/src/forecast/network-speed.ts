import { heldPort, type Model, type ModelFactory, ndArray, plainServices, randomStream, rows } from '@espalier/core';
import type { NetworkPasses } from '@espalier/study';
import type { OpenedStudy } from '../opening/opened-study.ts';

/** Milliseconds of one image, on this machine, now. */
export interface NetworkSpeed {
  readonly engine: string;
  readonly training: number;
  readonly forward: number;
  readonly gradient: number;
}

// Pixels of an image of 224 x 224: of small images many at once, as a run asks for them, or the call would be measured and not the images.
const pixelsAtOnce = 224 * 224;
const mostAtOnce = 32;
const longEnoughMs = 300;

/**
 * How fast the network is that a plan makes, with random images: its first weights, so nothing is trained for it.
 *
 * @throws what making the network throws, a StudyError where something is wrong with its file
 */
export async function networkSpeed(
  { maker, images }: Pick<NetworkPasses, 'maker' | 'images'>,
  { plan, home }: Pick<OpenedStudy, 'plan' | 'home'>,
): Promise<NetworkSpeed> {
  const { plugin, use } = maker.type;
  const { compute, folder } = plan;
  const services = plainServices({ compute, folder, cacheFolder: `${home}/cache`, seed: maker.seed });
  const factory = heldPort('model', await plugin!.create(maker.options.plugin, services), use, plugin!) as ModelFactory; // a model's
  const { height, width, classes } = images;
  const input = { height, width, channels: 3, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] };
  using model = await factory.create({ input, classes }, maker.seed);
  return await timesOf(model); // while the model is there
}

async function timesOf(model: Model): Promise<NetworkSpeed> {
  const { height, width, channels } = model.input;
  const count = Math.max(1, Math.min(mostAtOnce, Math.floor(pixelsAtOnce / (height * width))));
  const stream = randomStream(0, 'network-speed');
  const batch = ndArray('n h w c', [count, height, width, channels]);
  batch.data.forEach((_, i) => {
    batch.data[i] = stream.uniform();
  });
  const labels = Array<number>(count).fill(0);
  const msPerImage = async (ask: (images: typeof batch, labels: readonly number[]) => Promise<unknown>) => {
    await ask(rows(batch, 0, 1), [0]); // the first call loads the network
    return (await msOf(() => ask(batch, labels))) / count;
  };
  return {
    engine: model.numerics.engine,
    forward: await msPerImage((images) => model.predict(images)),
    gradient: await msPerImage((images, classes) => model.inputGradient(images, classes)),
    training: await msPerImage((images, classes) => model.parameterGradient(images, classes)),
  };
}

/** Of the fastest call: what else the machine does only ever adds to a time. */
async function msOf(call: () => Promise<unknown>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  const began = performance.now();
  do {
    const start = performance.now();
    await call();
    best = Math.min(best, performance.now() - start);
  } while (performance.now() - began < longEnoughMs);
  return best;
}
