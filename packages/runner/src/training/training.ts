import {
  type Checkpoint,
  type EpochSelection,
  type Model,
  type NdArray,
  type Services,
  StudyError,
  type TrainOptions,
} from '@espalier/core';
import { readSafetensors, writeSafetensors } from '@espalier/formats';
import { trainingBatches } from '@espalier/images';
import type { Checkpoints } from '@espalier/store';
import * as z from 'zod';
import type { SplitValue } from '../artifacts/artifact-kinds.ts';
import { type BestEpoch, type EpochSelector, epochSelector, type SelectRequest } from './select-epoch.ts';

/** A trained model, and which of its epochs was kept where one was chosen. */
export interface Trained {
  readonly model: Model;
  readonly selected?: EpochSelection | undefined;
}

/** Where a training computes and keeps its progress, and whether it keeps its best epoch or its last. */
export interface TrainingPlace {
  readonly services: Services;
  readonly checkpoints: Checkpoints;
  /** Absent: the last epoch's weights are kept. */
  readonly select: SelectRequest | undefined;
}

/** Trains `model`, keeping a checkpoint after every epoch and going on from the one that a killed run has left. */
export async function trainWithCheckpoints(
  model: Model,
  { split }: SplitValue,
  options: TrainOptions,
  { services, checkpoints, select }: TrainingPlace,
): Promise<Trained> {
  const resume = await readCheckpoint(checkpoints, services);
  const { epochs } = options;
  const selector = select && epochSelector(model, select, { epochs, best: resume?.best, services });
  if (!resume) await selector?.consider(0, await model.weights());
  const trained = await model.train(trainingBatches(split, options, services.seed), options, {
    ...(resume && { resume }),
    signal: services.signal,
    onStep({ epoch, done, total, loss }) {
      const note = `epoch ${epoch + 1}/${epochs}, loss ${loss.toFixed(3)}`;
      services.progress({ done, total, unit: 'images', note });
    },
    async onEpoch(checkpoint) {
      await selector?.consider(checkpoint.epoch, checkpoint.weights);
      await checkpoints.write(formatCheckpoint({ ...checkpoint, ...(selector?.best && { best: selector.best }) }));
      const record = checkpoint.history.at(-1);
      if (!record) return;
      // A record counts the epochs of the whole history, of which this training is the last part.
      const accuracy = `${(100 * record.accuracy).toFixed(1)} %`;
      services.log(
        `epoch ${checkpoint.epoch}/${epochs}: loss ${record.loss.toFixed(4)}, training accuracy ${accuracy}`,
      );
    },
  });
  return selector ? withBestEpoch(trained, selector) : { model: trained };
}

async function withBestEpoch(trained: Model, selector: EpochSelector): Promise<Trained> {
  const [best, selected] = [selector.best, selector.selection()];
  if (!best || !selected) return { model: trained };
  if (best.epoch === selected.epochs) return { model: trained, selected };
  using last = trained;
  return { model: await last.withWeights(best.weights), selected };
}

// A checkpoint that cannot be read costs time, not the run: training starts over.
async function readCheckpoint(checkpoints: Checkpoints, { log }: Services): Promise<SavedTraining | undefined> {
  const bytes = await checkpoints.read();
  if (!bytes) return undefined;
  try {
    const checkpoint = parseCheckpoint(bytes);
    log(`going on after epoch ${checkpoint.epoch}, from the checkpoint of an earlier run`);
    return checkpoint;
  } catch (error) {
    if (!StudyError.is(error)) throw error;
    log('the checkpoint of an earlier run is damaged; training starts over');
    return undefined;
  }
}

/** A checkpoint with the best epoch so far, where epochs are compared. */
export interface SavedTraining extends Checkpoint {
  readonly best?: BestEpoch;
}

/** One safetensors file: `weights/<name>`, `optimizer/<name>:<slot>`, `best/<name>`, and counters as metadata. */
export function formatCheckpoint({ epoch, step, history, weights, optimizer, best }: SavedTraining): Uint8Array {
  const tensors = new Map<string, NdArray>();
  for (const [name, array] of weights) tensors.set(`weights/${name}`, array);
  for (const [name, array] of optimizer) tensors.set(`optimizer/${name}`, array);
  for (const [name, array] of best?.weights ?? []) tensors.set(`best/${name}`, array);
  const chosen = best && { epoch: best.epoch, accuracy: best.accuracy };
  return writeSafetensors(tensors, { checkpoint: JSON.stringify({ epoch, step, history, best: chosen }) });
}

/** @throws StudyError `files/invalid` */
export function parseCheckpoint(bytes: Uint8Array): SavedTraining {
  const { tensors, metadata } = readSafetensors(bytes, 'checkpoint');
  const under = (prefix: string) =>
    new Map(
      [...tensors].flatMap(([name, array]) =>
        name.startsWith(prefix) ? [[name.slice(prefix.length), array] as const] : [],
      ),
    );
  const { best, ...counters } = parseCounters(metadata.checkpoint);
  return {
    ...counters,
    weights: under('weights/'),
    optimizer: under('optimizer/'),
    ...(best && { best: { ...best, weights: under('best/') } }),
  };
}

type Counters = Pick<Checkpoint, 'epoch' | 'step' | 'history'> & { readonly best?: Omit<BestEpoch, 'weights'> };

const count = z.int().min(0);
const epochRecord = z.looseObject({ epoch: count, loss: z.number(), accuracy: z.number(), learningRate: z.number() });
const counters = z.object({
  epoch: count,
  step: count,
  history: z.array(epochRecord),
  best: z.object({ epoch: count, accuracy: z.number() }).optional(),
});

function parseCounters(text: string | undefined): Counters {
  try {
    const { best, ...counts } = counters.parse(JSON.parse(text ?? ''));
    return { ...counts, ...(best && { best }) };
  } catch {
    const advice = 'Delete it; training then starts over.';
    throw new StudyError('files/invalid', `The checkpoint has no readable counters. ${advice}`);
  }
}
