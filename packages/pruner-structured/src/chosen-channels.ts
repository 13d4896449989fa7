import {
  type ChannelGroup,
  type ChannelPart,
  type ParameterInfo,
  roundHalfEven,
  StudyError,
  sizeOf,
} from '@espalier/core';
import type { ChannelOptions } from './options.ts';

/** A channel that may go. */
export interface Candidate {
  readonly group: ChannelGroup;
  readonly parts: readonly ChannelPart[];
  readonly score: number;
  /** Whether the model's masks have removed it. */
  readonly isGone: boolean;
}

/** How many weights kernels have left when channels go, as in a compacted network. */
class Kernels {
  readonly #lengths: Map<string, readonly number[]>;
  readonly total: number;
  removed = 0;

  constructor(parameters: readonly ParameterInfo[]) {
    this.#lengths = new Map(parameters.filter(({ role }) => role === 'kernel').map(({ name, shape }) => [name, shape]));
    this.total = [...this.#lengths.values()].reduce((sum, shape) => sum + sizeOf(shape), 0);
  }

  remove(parts: readonly ChannelPart[]): void {
    for (const { parameter, axis, indices } of parts) {
      const before = this.#lengths.get(parameter);
      if (!before) continue;
      const after = before.with(axis, before[axis]! - indices.length);
      this.removed += sizeOf(before) - sizeOf(after);
      this.#lengths.set(parameter, after);
    }
  }
}

/**
 * The channels that go: those of least score, of equal ones the first, until the nearest to `sparsity` is reached. Those that are gone stay so.
 *
 * @returns them, and the fraction of the weights of all kernels that goes with them
 * @throws StudyError `pruner-structured/level-unreachable`
 */
export function chosenChannels(
  parameters: readonly ParameterInfo[],
  candidates: readonly Candidate[],
  asked: ChannelOptions,
): { readonly channels: readonly Candidate['parts'][]; readonly removed: number } {
  const goes = roundedTo(asked.multipleOf, leastScored(parameters, candidates, asked), candidates);
  const kernels = new Kernels(parameters);
  for (const { parts } of goes) kernels.remove(parts);
  return { channels: goes.map(({ parts }) => parts), removed: kernels.removed / kernels.total };
}

/** In the order in which they go. */
function leastScored(
  parameters: readonly ParameterInfo[],
  candidates: readonly Candidate[],
  { sparsity, counts, least }: ChannelOptions,
): readonly Candidate[] {
  const left = countsOf(candidates);
  const kernels = new Kernels(parameters);
  const target = counts === 'channels' ? roundHalfEven(sparsity * candidates.length) : sparsity * kernels.total;
  const order = [...candidates].sort((a, b) => Number(b.isGone) - Number(a.isGone) || a.score - b.score);
  const goes: Candidate[] = [];
  const reached = () => (counts === 'channels' ? goes.length : kernels.removed);
  for (const candidate of order) {
    const { group, parts, isGone } = candidate;
    if (!isGone && reached() >= target) return goes;
    if (!isGone && left.get(group)! <= least) continue;
    const before = kernels.removed;
    kernels.remove(parts);
    if (!isGone && counts === 'weights' && (before + kernels.removed) / 2 > target) return goes; // nearer without it
    goes.push(candidate);
    left.set(group, left.get(group)! - 1);
  }
  if (reached() >= target) return goes;
  const most = counts === 'channels' ? goes.length / candidates.length : kernels.removed / kernels.total;
  throw new StudyError(
    'pruner-structured/level-unreachable',
    `Expected a sparsity that the ${candidates.length} channels that may go can reach, at most ${most.toFixed(4)} of the ${counts} where every ` +
      `group keeps ${least}; found ${sparsity}. Ask for less, or exclude fewer kernels.`,
  );
}

/** Without so many of those that would go last that a multiple stays of every group that loses any. */
function roundedTo(
  multiple: number,
  goes: readonly Candidate[],
  candidates: readonly Candidate[],
): readonly Candidate[] {
  const all = countsOf(candidates);
  const gone = countsOf(goes);
  const back = new Map(
    [...gone].map(([group, count]) => [group, (multiple - ((all.get(group)! - count) % multiple)) % multiple]),
  );
  return goes
    .toReversed()
    .filter(({ group, isGone }) => {
      const wanted = back.get(group)!;
      if (isGone || wanted === 0) return true;
      back.set(group, wanted - 1);
      return false;
    })
    .reverse();
}

function countsOf(candidates: readonly Candidate[]): Map<ChannelGroup, number> {
  const counts = new Map<ChannelGroup, number>();
  for (const { group } of candidates) counts.set(group, (counts.get(group) ?? 0) + 1);
  return counts;
}
