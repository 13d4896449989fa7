import {
  type ImagesOutline,
  imagesIn,
  labelText,
  type Masks,
  type Model,
  type OptionFinding,
  type PruneContext,
  type Pruner,
  proveSparsity,
  randomStream,
  removedByMasks,
  type SparsityClaim,
  StudyError,
  type TrainOptions,
  trainOptions,
} from '@espalier/core';
import * as z from 'zod';
import type { SplitValue } from '../artifacts/artifact-kinds.ts';
import type { SelectRequest } from '../training/select-epoch.ts';
import type { Trained } from '../training/training.ts';
import { checkSparsity } from './check-sparsity.ts';
import { trainingFindings } from './image-counts.ts';
import { defineKind, type Instance } from './node-kind.ts';
import { appliedMasks, type RoundRules, rewindOption } from './pruning-round.ts';
import { gradualFindings, gradualOption, gradualSparsity, lastRound, roundFindings, roundsOption } from './rounds.ts';
import { keepOption, selectFindings, selectPort, selectRequest } from './selection.ts';

const sampleSize = 128;
const sampleSeed = 1;

const options = z.strictObject({
  enforceMasks: z
    .boolean()
    .default(true)
    .describe('enforce the masks from then on; false zeroes the weights once and lets training move them again'),
  rewind: rewindOption,
  rounds: roundsOption,
  gradual: gradualOption,
  finetune: trainOptions.nullable().default(null).describe('training after the masks are applied; null trains nothing'),
  keep: keepOption,
});

type Options = z.output<typeof options>;

/** Masks a model, trains it, and counts what is left in the weights as evaluated; once, or in several rounds. */
export const pruner = defineKind<'pruner', typeof options>({
  inputs: (plugin) => ({
    model: { kind: 'model' },
    data: { kind: 'split', optional: plugin?.needsData !== true },
    initial: { kind: 'model', optional: true },
    like: { kind: 'model', optional: true },
    select: selectPort,
  }),
  outputs: { model: 'model' },
  options,
  arithmetic: 'training',
  imagesFor: (_, images) => sampled(images),
  check: (asked, known) => [
    ...unconnected(asked, known),
    ...selectFindings(asked.keep, known),
    ...(asked.finetune ? trainingFindings(asked.finetune, known, ['finetune']) : []),
    ...roundFindings(asked.rounds, known),
    ...gradualFindings(asked.gradual, asked.rounds, known),
  ],
  async run(port, instance) {
    const { use, inputs, options: asked } = instance;
    const start = await inputs.load('model', 'model');
    const before = start.proof?.claim?.rounds ?? 0;
    const work = { port, instance, ...(await readInputs(instance)) };
    let state: RoundState = { model: start.model, unenforced: start.unenforced, masks: new Map() };
    const last = asked.gradual ? before + asked.gradual.rounds : lastRound(use, asked.rounds, port.sparsity, before);
    for (let round = before + 1; round <= last; round++) {
      const part = (round - before) / (last - before);
      const prunes = await prunerAt(port, instance, start.proof?.claim?.counted ?? 0, part);
      state = await nextState(start.model, state, round, { ...work, port: prunes });
    }
    const { model, masks, unenforced, selected } = state;
    const claim: SparsityClaim = {
      nominal: port.sparsity,
      preset: labelText(instance.label()),
      considered: [...masks.keys()],
      removed: removedByMasks(masks),
      held: asked.enforceMasks,
      rounds: last,
      ...(port.sparsityIs === 'nominal' && { isNominal: true }),
    };
    const proof = await proveSparsity(model, claim);
    checkSparsity(use, proof.claim!, port.sparsityIs ?? 'target');
    const { madeBy, architecture } = start;
    return { model: { kind: 'model', value: { model, madeBy, architecture, proof, unenforced, selected } } };
  },
});

/** The pruner of a round: of the level, or of one on the way to it. */
async function prunerAt(
  port: Pruner,
  { use, options, portAt }: Instance<Options>,
  from: number,
  part: number,
): Promise<Pruner> {
  const { gradual } = options;
  if (!gradual || part === 1) return port;
  if (portAt) return portAt(gradualSparsity(gradual, from, port.sparsity, part)) as Promise<Pruner>; // of this kind
  const [problem] = gradualFindings(gradual, null, { use, takesAnyLevel: false });
  throw new StudyError('study/invalid', problem!.text);
}

/** What goes from round to round. */
interface RoundState extends Trained {
  readonly masks: Masks;
  readonly unenforced: Masks | undefined;
}

interface RoundWork {
  readonly port: Pruner;
  readonly instance: Instance<Options>;
  readonly context: PruneContext;
  readonly training: { readonly data: SplitValue; readonly options: TrainOptions } | undefined;
  readonly back: RoundRules['back'];
  readonly select: SelectRequest | undefined;
}

/** One round; disposes of the model of the round before, unless it came from outside. */
async function nextState(outside: Model, before: RoundState, round: number, work: RoundWork): Promise<RoundState> {
  const { port, instance, context, training, back, select } = work;
  const { enforceMasks, rounds, gradual } = instance.options;
  using _ = before.model === outside ? null : before.model;
  const masks = await port.mask(before.model, {
    ...context,
    ...(before.unenforced && { unenforced: before.unenforced }),
  });
  const unenforced = enforceMasks ? undefined : masks;
  const applied = await appliedMasks(before.model, masks, { round, enforceMasks, back });
  if (!training) return { model: applied, masks, unenforced };
  using start = applied;
  const stage = rounds || gradual ? `round-${round}` : undefined;
  return { ...(await instance.train(start, training.data, training.options, { select, stage })), masks, unenforced };
}

/** What options ask for of inputs that are not connected, and inputs of options that are not set. */
function unconnected(
  { finetune, rewind, keep }: Options,
  { use, connected }: { readonly use: string; readonly connected: { has(port: string): boolean } },
): readonly OptionFinding[] {
  const findings: OptionFinding[] = [];
  const find = (path: OptionFinding['path'], text: string) => findings.push({ path, text: `${use} has ${text}` });
  if (finetune && !connected.has('data'))
    find(['finetune'], '"finetune" but no images to train on. Connect its input "data", for example to data.train.');
  if (rewind && !connected.has('initial'))
    find(
      ['rewind'],
      '"rewind" but no weights to go back to. Connect its input "initial", for example to network.model.',
    );
  if (connected.has('select') && keep !== 'last' && !finetune)
    find([], 'its input "select" connected, but trains nothing. Set "finetune", or take the input away.');
  return findings;
}

/** @throws StudyError `study/invalid` when inputs and options do not belong together */
async function readInputs({
  use,
  inputs,
  options: asked,
}: Instance<Options>): Promise<Pick<RoundWork, 'context' | 'training' | 'back' | 'select'>> {
  const { finetune, rewind, keep } = asked;
  const data = inputs.has('data') ? await inputs.load('data', 'split') : undefined;
  const initial = inputs.has('initial') ? await inputs.load('initial', 'model') : undefined;
  const select = await selectRequest(use, inputs, keep);
  const like = inputs.has('like') ? await inputs.load('like', 'model') : undefined;
  const [problem] = unconnected(asked, { use, connected: inputs });
  if (problem) throw new StudyError('study/invalid', problem.text);
  return {
    context: { ...contextOf(data), ...(like && { like: like.unenforced ?? like.model.masks }) },
    training: finetune && data ? { data, options: finetune } : undefined,
    back: rewind && initial ? { rewind, initial } : undefined,
    select,
  };
}

/** Of each class its share, as far as counts are known. */
function sampled(images: ImagesOutline): ImagesOutline {
  const { mostPerClass } = images;
  const part = Math.min(1, sampleSize / Math.max(1, imagesIn(images) ?? 1));
  return { ...images, ...(mostPerClass && { mostPerClass: mostPerClass.map((count) => Math.ceil(count * part)) }) };
}

/** A sample by what the images are: the same for all arms, which then differ by what they do with it. */
function contextOf(data: SplitValue | undefined): PruneContext {
  if (!data) return {};
  const { split } = data;
  return {
    sample: async () => {
      const order = randomStream(sampleSeed, split.digest).shuffled([...split.ids.keys()]);
      const indices = order.slice(0, sampleSize);
      return { images: await split.images(indices), labels: indices.map((index) => split.labels[index]!) };
    },
  };
}
