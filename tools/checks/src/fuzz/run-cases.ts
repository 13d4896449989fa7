import { StudyError } from '@espalier/core';
import type { Case, Target } from './target.ts';

const longestMs = 1000;
// Of fewer cases, all may end in one way by chance.
const enoughCases = 30;

/** How the cases of one generator have ended. */
export interface Ends {
  accepted: number;
  refused: number;
}

export interface CaseCounts {
  /** By target and generator. */
  readonly ends: ReadonlyMap<string, Ends>;
  readonly slowestMs: number;
  readonly failures: readonly string[];
}

/** Runs `count` cases, spread over the targets and their generators. The same for the same `seed`. */
export async function runCases(targets: readonly Target[], count: number, seed: number): Promise<CaseCounts> {
  const failures: string[] = [];
  const ends = new Map<string, Ends>();
  let slowestMs = 0;
  for (const target of targets) for (const sound of target.sound) await sound.read();
  const generators = targets.flatMap((target) =>
    target.generators.map((generator) => ({ generator, name: `${target.name} ${generator.name}` })),
  );
  const before = prototypeKeys();
  for (let index = 0; index < count; index++) {
    const { generator, name } = generators[index % generators.length]!;
    const made = generator.make(`${seed} ${index}`);
    let [outcome, ms] = await timed(made);
    // A busy machine may hold anybody up once.
    if (ms > longestMs) [outcome, ms] = await timed(made);
    slowestMs = Math.max(slowestMs, ms);
    const { accepted, refused } = ends.get(name) ?? { accepted: 0, refused: 0 };
    const isAccepted = outcome.kind === 'accepted';
    ends.set(name, { accepted: accepted + Number(isAccepted), refused: refused + Number(!isAccepted) });
    const problem = outcome.problem ?? (ms > longestMs ? `took ${Math.round(ms)} ms` : undefined);
    if (problem !== undefined) failures.push(`case ${index} (${name}): ${problem}`);
    if (prototypeKeys() !== before) failures.push(`case ${index} (${name}): changed Object.prototype`);
  }
  return { ends, slowestMs, failures: [...failures, ...oneSided(ends)] };
}

/** A generator all of whose cases end in one way shows little: it is mended, or its target is. */
function oneSided(ends: ReadonlyMap<string, Ends>): readonly string[] {
  return [...ends].flatMap(([name, { accepted, refused }]) => {
    if (accepted + refused < enoughCases || (accepted > 0 && refused > 0)) return [];
    return [`${name}: all of ${accepted + refused} cases were ${accepted > 0 ? 'accepted' : 'refused'}`];
  });
}

type Outcome = { readonly kind: 'accepted' | 'refused' | 'crashed'; readonly problem?: string | undefined };

async function timed(made: Case): Promise<[Outcome, number]> {
  const started = performance.now();
  const outcome = await outcomeOf(made);
  return [outcome, performance.now() - started];
}

async function outcomeOf({ read, place, expected, judge }: Case): Promise<Outcome> {
  try {
    const value = await read();
    const wrong = expected?.outcome === 'refused' ? `taken, although ${expected.since}` : judge?.(value);
    return { kind: 'accepted', problem: wrong };
  } catch (error) {
    if (!StudyError.is(error))
      return { kind: 'crashed', problem: error instanceof Error ? firstLines(error.stack) : String(error) };
    if (expected?.outcome === 'accepted')
      return { kind: 'refused', problem: `refused, although ${expected.since}: ${error.message}` };
    if (!place.test(error.message)) return { kind: 'refused', problem: `says no ${place.source}: ${error.message}` };
    return { kind: 'refused' };
  }
}

function firstLines(stack = ''): string {
  return stack.split('\n').slice(0, 3).join('\n');
}

function prototypeKeys(): string {
  return Reflect.ownKeys(Object.prototype).map(String).join();
}
