import type { EpochSelection, Model, Services, Split, Weights } from '@espalier/core';
import type { SplitValue } from '../artifacts/artifact-kinds.ts';

/** On which images the epochs of a training are compared, and which weights are. */
export interface SelectRequest {
  readonly data: SplitValue;
  readonly compared: EpochSelection['compared'];
}

/** The best weights so far: those after `epoch` epochs. */
export interface BestEpoch {
  readonly epoch: number;
  /** In [0, 1], on the images that select. */
  readonly accuracy: number;
  readonly weights: Weights;
}

/** Keeps the weights of the epoch with the highest accuracy on its images; of equals, the first. */
export interface EpochSelector {
  readonly best: BestEpoch | undefined;
  /** Compares the weights after `epoch` epochs, unless the request leaves that epoch out. */
  consider(epoch: number, weights: Weights): Promise<void>;
  /** What was decided; undefined where nothing was compared. */
  selection(): EpochSelection | undefined;
}

// Images per call: often enough for Ctrl-C, large enough for the engine.
const imagesPerCall = 32;

/**
 * A selector for a training of `epochs` epochs, which goes on from `best` where a killed run has left off.
 *
 * `after-epoch` compares the weights after epochs 1 to `epochs`. `before-epoch` compares them before each epoch
 * starts, after 0 to `epochs` - 1: the last weights are never considered.
 */
export function epochSelector(
  model: Model,
  { data: { split, part }, compared }: SelectRequest,
  { epochs, best: resumed, services }: { epochs: number; best: BestEpoch | undefined; services: Services },
): EpochSelector {
  const [first, last] = compared === 'after-epoch' ? [1, epochs] : [0, epochs - 1];
  let best = resumed;
  return {
    get best() {
      return best;
    },
    async consider(epoch, weights) {
      if (epoch < first || epoch > last) return;
      using candidate = await model.withWeights(weights);
      const accuracy = await accuracyOn(candidate, split, services);
      services.log(`after ${epoch} of ${epochs} epochs: accuracy ${(100 * accuracy).toFixed(1)} % on ${part}`);
      if (!best || accuracy > best.accuracy) best = { epoch, accuracy, weights };
    },
    selection: () => best && { split: part, epoch: best.epoch, epochs, accuracy: best.accuracy, compared },
  };
}

async function accuracyOn(model: Model, split: Split, { signal }: Services): Promise<number> {
  let correct = 0;
  for (let start = 0; start < split.ids.length; start += imagesPerCall) {
    signal.throwIfAborted();
    const indices = [...split.ids.keys()].slice(start, start + imagesPerCall);
    const { data, shape } = await model.predict(await split.images(indices));
    indices.forEach((index, n) => {
      const logits = data.subarray(n * shape[1]!, (n + 1) * shape[1]!);
      if (logits.indexOf(Math.max(...logits)) === split.labels[index]) correct++;
    });
  }
  return correct / split.ids.length;
}
