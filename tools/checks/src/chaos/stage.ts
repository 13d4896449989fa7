import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../workspace.ts';
import { recordedEvents, repeatedWork, startCounts } from './history.ts';
import { type Program, startEspalier } from './program.ts';
import { differences, type Places, resultsIn } from './results.ts';

/** Where studies are run and disturbed, and what an undisturbed one gave. */
export interface Stage {
  readonly folder: string;
  /** Of every run. */
  readonly flags: readonly string[];
  readonly expected: ReadonlyMap<string, string>;
  /** How long the undisturbed run took. */
  readonly calmMs: number;
}

/** A folder of its own with the study in it. */
export function newStudy(folder: string, name: string): string {
  const study = join(folder, name);
  mkdirSync(study);
  cpSync(join(root, 'tools/checks/chaos/study.json'), join(study, 'study.json'));
  return study;
}

/** Starts a run of the study in `study`. */
export function startRun({ flags }: Pick<Stage, 'flags'>, study: string, more: readonly string[] = []): Program {
  return startEspalier(['run', 'study.json', ...flags, ...more], { folder: study });
}

/** @throws Error with what it printed, when a program ends otherwise or not in time */
export async function mustEnd(program: Program, withinMs: number, code = 0): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), withinMs);
  });
  const ended = await Promise.race([program.ended, late]);
  clearTimeout(timer);
  if (ended === code) return;
  if (ended === 'late') program.signal('SIGKILL');
  const how = ended === 'late' ? `did not end within ${withinMs / 1000} s` : `ended with ${ended}, expected ${code}`;
  throw new Error(`A run ${how}:\n${program.output()}`);
}

/** Waits until something is so. */
export async function until(what: string, isSo: () => boolean, withinMs: number): Promise<void> {
  for (const began = performance.now(); !isSo(); await new Promise((resolve) => setTimeout(resolve, 30))) {
    if (performance.now() - began > withinMs) throw new Error(`Not within ${withinMs / 1000} s: ${what}`);
  }
}

/**
 * Compares what was computed with what an undisturbed study gave.
 *
 * @param countsEpochs whether an epoch that was trained twice counts as repeated work
 * @throws Error with what differs or was done twice
 */
export function check({ expected }: Stage, places: Places, when: string, countsEpochs = true): void {
  const events = recordedEvents(places.runs);
  const { starts, instances } = startCounts(events);
  const repeated = repeatedWork(events, countsEpochs);
  const different = differences(expected, resultsIn(places));
  console.log(`${when}: ${instances} instances in ${starts} starts, ${different.length} different results`);
  if (repeated.length + different.length > 0)
    throw new Error(`${when}:\n${[...repeated, ...different.map((name) => `another result: ${name}`)].join('\n')}`);
}
