import { StudyError } from '@espalier/core';
import type { Target } from './target.ts';

const longestMs = 1000;

export interface CaseCounts {
  /** How often each target ended in each way, by `<target> <way>`. */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly slowestMs: number;
  readonly failures: readonly string[];
}

/** Runs `count` cases, spread over the targets and their generators. The same for the same `seed`. */
export async function runCases(targets: readonly Target[], count: number, seed: number): Promise<CaseCounts> {
  const failures: string[] = [];
  const outcomes = new Map<string, number>();
  let slowestMs = 0;
  for (const target of targets) for (const input of target.seeds) await target.run(input);
  const before = prototypeKeys();
  for (let index = 0; index < count; index++) {
    const target = targets[index % targets.length]!;
    const turn = Math.floor(index / targets.length);
    const input = target.generators[turn % target.generators.length]!(`${seed} ${index}`);
    let [outcome, ms] = await timed(target, input);
    // A busy machine may hold anybody up once.
    if (ms > longestMs) [outcome, ms] = await timed(target, input);
    slowestMs = Math.max(slowestMs, ms);
    const way = `${target.name} ${outcome.kind}`;
    outcomes.set(way, (outcomes.get(way) ?? 0) + 1);
    const problem = outcome.problem ?? (ms > longestMs ? `took ${Math.round(ms)} ms` : undefined);
    if (problem !== undefined) failures.push(`case ${index} (${target.name}): ${problem}`);
    if (prototypeKeys() !== before) failures.push(`case ${index} (${target.name}): changed Object.prototype`);
  }
  return { outcomes, slowestMs, failures };
}

type Outcome = { readonly kind: string; readonly problem?: string };

async function timed(target: Target, input: Uint8Array): Promise<[Outcome, number]> {
  const started = performance.now();
  const outcome = await outcomeOf(target, input);
  return [outcome, performance.now() - started];
}

async function outcomeOf(target: Target, input: Uint8Array): Promise<Outcome> {
  try {
    await target.run(input);
    return { kind: 'accepted' };
  } catch (error) {
    if (!StudyError.is(error))
      return { kind: 'crashed', problem: error instanceof Error ? firstLines(error.stack) : String(error) };
    if (!target.place.test(error.message)) return { kind: 'refused', problem: `says no place: ${error.message}` };
    return { kind: 'refused' };
  }
}

function firstLines(stack = ''): string {
  return stack.split('\n').slice(0, 3).join('\n');
}

function prototypeKeys(): string {
  return Reflect.ownKeys(Object.prototype).map(String).join();
}
