import { rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { RandomStream } from '@espalier/core';
import { signal } from './program.ts';
import { standardPlaces } from './results.ts';
import { check, mustEnd, newStudy, type Stage, startRun } from './stage.ts';

// Of an instance, where a study says nothing of it.
const attempts = 3;
// Nobody waits longer for an end.
const longestMs = 300_000;

/**
 * Kills the runner or one of its workers, `kills` times at random moments, study after study; each ends with the results of
 * the undisturbed one.
 */
export async function killedRuns(stage: Stage, kills: number, random: RandomStream, keeps: boolean): Promise<void> {
  for (let killed = 0, round = 1; killed < kills; round++) {
    const study = newStudy(stage.folder, `round-${round}`);
    const { runners, workers } = await disturb(stage, study, kills - killed, random);
    killed += runners + workers;
    const when = `round ${round}, after ${runners} kills of the runner and ${workers} of a worker`;
    check(stage, standardPlaces(study), when);
    if (!keeps) rmSync(study, { recursive: true });
  }
}

/** Runs a study to its end, with at most `most` kills on the way. */
async function disturb(
  stage: Stage,
  study: string,
  most: number,
  random: RandomStream,
): Promise<{ runners: number; workers: number }> {
  let [runners, workers] = [0, 0];
  while (runners + workers < most) {
    const runner = startRun(stage, study);
    let lost = 0;
    while (runners + workers < most) {
      await Promise.race([runner.ended, calm(stage, random)]);
      if (!runner.isAlive()) break;
      const victims = runner.workers();
      if (victims.length > 0 && random.uniform() < 0.7) {
        signal(victims[random.integer(victims.length)]!, 'SIGKILL');
        workers++;
        lost++;
      } else {
        runner.signal('SIGKILL');
        runners++;
      }
    }
    const code = await runner.ended;
    if (code === 0) return { runners, workers };
    // An instance that has lost its worker in every attempt fails, as it should; the next run goes on.
    const mayFail = lost >= attempts;
    if (code !== null && !mayFail) throw new Error(`A disturbed run failed:\n${runner.output()}`);
  }
  await mustEnd(startRun(stage, study), longestMs);
  return { runners, workers };
}

/** Up to half of what a whole run takes: longer than it takes to start, and several kills fall into one study. */
async function calm({ calmMs }: Stage, random: RandomStream): Promise<undefined> {
  await pause(random.uniform() * (calmMs / 2), undefined, { ref: false });
}
