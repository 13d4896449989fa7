import {
  type Checkpoint,
  type EpochRecord,
  type Model,
  type NdArray,
  readSafetensors,
  type Services,
  StudyError,
  type TrainOptions,
  trainingBatches,
  writeSafetensors,
} from '@espalier/core';
import type { SplitValue } from './artifact-kinds.ts';
import type { Checkpoints } from './store.ts';

/** Trains `model`, keeping a checkpoint after every epoch and going on from the one that a killed run has left. */
export async function trainWithCheckpoints(
  model: Model,
  { split }: SplitValue,
  options: TrainOptions,
  services: Services,
  checkpoints: Checkpoints,
): Promise<Model> {
  const resume = await readCheckpoint(checkpoints, services);
  const trained = await model.train(trainingBatches(split, options, services.seed), options, {
    ...(resume && { resume }),
    signal: services.signal,
    onStep({ epoch, done, total, loss }) {
      const note = `epoch ${epoch + 1}/${options.epochs}, loss ${loss.toFixed(3)}`;
      services.progress({ done, total, unit: 'images', note });
    },
    async onEpoch(checkpoint) {
      await checkpoints.write(formatCheckpoint(checkpoint));
      const record = checkpoint.history.at(-1);
      if (record) services.log(epochLine(record, checkpoint.epoch, options.epochs));
    },
  });
  return trained;
}

// A record counts the epochs of the whole history, of which this training is the last part.
function epochLine({ loss, accuracy }: EpochRecord, epoch: number, epochs: number): string {
  return `epoch ${epoch}/${epochs}: loss ${loss.toFixed(4)}, training accuracy ${(100 * accuracy).toFixed(1)} %`;
}

// A checkpoint that cannot be read costs time, not the run: training starts over.
async function readCheckpoint(checkpoints: Checkpoints, { log }: Services): Promise<Checkpoint | undefined> {
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

/** A checkpoint as one safetensors file: `weights/<name>`, `optimizer/<name>:<slot>`, and counters as metadata. */
export function formatCheckpoint({ epoch, step, history, weights, optimizer }: Checkpoint): Uint8Array {
  const tensors = new Map<string, NdArray>();
  for (const [name, array] of weights) tensors.set(`weights/${name}`, array);
  for (const [name, array] of optimizer) tensors.set(`optimizer/${name}`, array);
  return writeSafetensors(tensors, { checkpoint: JSON.stringify({ epoch, step, history }) });
}

/** @throws StudyError `file-invalid` */
export function parseCheckpoint(bytes: Uint8Array): Checkpoint {
  const { tensors, metadata } = readSafetensors(bytes, 'checkpoint');
  const under = (prefix: string) =>
    new Map(
      [...tensors].flatMap(([name, array]) =>
        name.startsWith(prefix) ? [[name.slice(prefix.length), array] as const] : [],
      ),
    );
  const counters = parseCounters(metadata.checkpoint);
  return { ...counters, weights: under('weights/'), optimizer: under('optimizer/') };
}

function parseCounters(text: string | undefined): Pick<Checkpoint, 'epoch' | 'step' | 'history'> {
  try {
    const { epoch, step, history } = JSON.parse(text ?? '');
    if (Number.isInteger(epoch) && Number.isInteger(step) && Array.isArray(history)) return { epoch, step, history };
  } catch {
    // the same as missing counters
  }
  throw new StudyError(
    'file-invalid',
    'The checkpoint has no readable counters. Delete it; training then starts over.',
  );
}
