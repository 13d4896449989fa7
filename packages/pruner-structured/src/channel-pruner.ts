import {
  type ChannelGroup,
  type ChannelPart,
  eachWeightOf,
  levelFindings,
  type Masks,
  type Model,
  masksWithout,
  type OptionFinding,
  type ParameterRole,
  type PlanKnowledge,
  type PruneContext,
  type Pruner,
  prunableKernels,
  type Services,
  StudyError,
} from '@espalier/core';
import { type Candidate, chosenChannels } from './chosen-channels.ts';
import type { ChannelOptions } from './options.ts';
import { type Criterion, channelScores } from './scores.ts';

/** What every plugin of the family declares. */
export const declared = {
  kind: 'pruner',
  unlabelled: { sparsity: 'the level stands beside it' },
  check: (asked: ChannelOptions, known: PlanKnowledge<ChannelOptions>) => channelFindings(asked, known, 'kernel'),
  level: ({ sparsity }: ChannelOptions) => sparsity,
} as const;

/** What a plan can say of channels that are ranked by parameters of `role`. */
export function channelFindings(
  asked: Pick<ChannelOptions, 'sparsity' | 'exclude'>,
  known: PlanKnowledge<Pick<ChannelOptions, 'sparsity'>>,
  role: ParameterRole,
): readonly OptionFinding[] {
  const findings = levelFindings(asked, known);
  const groups = known.model?.channels?.();
  if (!groups || groups.some((roles) => roles.includes(role))) return findings;
  const text =
    `Expected channels that can go and have a ${role} to rank them by; none of the ${groups.length} groups of channels that can go in ` +
    'this model has one. Choose another criterion, or another model.';
  return [...findings, { path: [], text }];
}

/** Removes channels of least score, each with all that is coupled with it. */
export function channelPruner(asked: ChannelOptions, { log }: Services, criterion: Criterion): Pruner {
  return {
    sparsity: asked.sparsity,
    sparsityIs: 'nominal',
    async mask(model, context): Promise<Masks> {
      const candidates = await candidatesOf(model, context, asked, criterion);
      const { channels, removed } = chosenChannels(model.parameters, candidates, asked);
      const percent = (100 * removed).toFixed(2);
      log(`${channels.length} of ${candidates.length} channels go, with ${percent} % of the weights of all kernels`);
      return masksWithout(model, channels);
    },
  };
}

/** All channels that may go, each with its score. */
async function candidatesOf(
  model: Model,
  context: PruneContext,
  asked: ChannelOptions,
  criterion: Criterion,
): Promise<readonly Candidate[]> {
  const { groups, kept } = model.channelGroups();
  const prunable = new Set(prunableKernels(model, asked.exclude).map(({ name }) => name));
  const stays = new Set(
    model.parameters.filter(({ name, role }) => role === 'kernel' && !prunable.has(name)).map(({ name }) => name),
  );
  const free = groups.filter(({ channels }) =>
    channels[0]!.every(({ parameter, side }) => side === 'input' || !stays.has(parameter)),
  );
  const scores = await channelScores(model, context, free, { ...criterion, reduction: asked.reduction });
  const found = free.flatMap((group, i) => {
    const each = scores[i];
    return each ? candidatesIn(group, compared(each, asked), model) : [];
  });
  if (found.length > 0) return found;
  const reasons = kept.slice(0, 3).map(({ kernel, reason }) => `those of "${kernel}", because ${reason}`);
  throw new StudyError(
    'pruner-structured/no-channels',
    `Expected channels that can go and have a score; the model has ${groups.length} groups of channels, of which \`exclude\` leaves ${free.length}. ` +
      `Outputs that stay in any case: ${reasons.join('; ')}. Exclude fewer kernels, or choose another criterion or model.`,
  );
}

/** Scores as they are ranked with those of other groups. */
function compared(scores: readonly number[], { scope, normalise }: ChannelOptions): readonly number[] {
  if (scope === 'grouped') {
    const order = [...scores.keys()].sort((a, b) => scores[a]! - scores[b]! || a - b);
    const places = new Map(order.map((i, place) => [i, (place + 0.5) / scores.length]));
    return scores.map((_, i) => places.get(i)!);
  }
  if (normalise === 'none') return scores;
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  return mean > 0 ? scores.map((score) => score / mean) : scores;
}

function candidatesIn(
  group: ChannelGroup,
  scores: readonly number[],
  { parameters, masks }: Model,
): readonly Candidate[] {
  const shapes = new Map(parameters.map(({ name, role, shape }) => [name, role === 'kernel' ? shape : null]));
  const isMasked = (part: ChannelPart) => {
    const [shape, mask] = [shapes.get(part.parameter), masks.get(part.parameter)];
    let kept = shape && !mask ? 1 : 0;
    if (shape && mask) eachWeightOf(part, shape, (at) => (kept += mask[at]!));
    return kept === 0;
  };
  return group.channels.map((parts, i) => ({ group, parts, score: scores[i]!, isGone: parts.every(isMasked) }));
}
