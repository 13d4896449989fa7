import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type RandomStream, randomStream } from '@espalier/core';
import { recordedEvents, repeatedWork, startCounts } from './chaos/history.ts';
import { differences, resultsIn } from './chaos/results.ts';
import { startRunner } from './chaos/runner-process.ts';
import { root } from './workspace.ts';

/*
 * The quickstart, while its runner or one of its workers is killed at random moments. Every study that ends must have the
 * results of one that nobody disturbed, to the byte; nothing that was done may have been done again.
 */

const usage = `npm run chaos -- [--kills 20] [--seed 1] [--engine wasm|tensorflow] [--jobs 2] [--keep]`;

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    engine: { type: 'string', default: 'wasm' },
    jobs: { type: 'string', default: '2' },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const kills = Number(values.kills);
// Several epochs, so that there is something to go on from.
const runArguments = ['study.json', '--profile', 'smoke', '--engine', values.engine, '--jobs', values.jobs];
const finetune = { epochs: 3, batchSize: 64, learningRate: 0.01, crop: null };
const parameters = ['--param', 'epochs=4', '--param', `finetune=${JSON.stringify(finetune)}`];
// Longer than it takes to start, shorter than the whole run.
const longestCalmMs = 4000;
// Of an instance, where a study says nothing of it.
const attempts = 3;

if (values.help || !Number.isInteger(kills) || kills < 1) {
  console.log(usage);
  process.exitCode = values.help ? 0 : 2;
} else await chaos(randomStream(Number(values.seed), 'chaos'));

async function chaos(random: RandomStream): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-chaos-'));
  try {
    const calm = newStudy(folder, 'calm');
    await finish(calm);
    const expected = resultsIn(join(calm, '.espalier'));
    console.log(`undisturbed: ${expected.size} results`);
    for (let killed = 0, round = 1; killed < kills; round++) {
      const disturbed = newStudy(folder, `round-${round}`);
      const { runners, workers } = await disturb(disturbed, kills - killed, random);
      killed += runners + workers;
      check(disturbed, expected, `round ${round}, after ${runners} kills of the runner and ${workers} of a worker`);
      if (!values.keep) rmSync(disturbed, { recursive: true });
    }
    console.log(`${kills} kills: every study ended with the results of the undisturbed one.`);
  } finally {
    if (values.keep) console.log(`kept ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
  }
}

function newStudy(folder: string, name: string): string {
  const study = join(folder, name);
  mkdirSync(study);
  cpSync(join(root, 'studies/quickstart.json'), join(study, 'study.json'));
  return study;
}

async function finish(folder: string): Promise<void> {
  const runner = startRunner(folder, [...runArguments, ...parameters]);
  if ((await runner.ended) !== 0) throw new Error(`A run failed:\n${runner.output()}`);
}

/** Runs a study to its end, with at most `most` kills on the way. */
async function disturb(
  folder: string,
  most: number,
  random: RandomStream,
): Promise<{ runners: number; workers: number }> {
  let [runners, workers] = [0, 0];
  while (runners + workers < most) {
    const runner = startRunner(folder, [...runArguments, ...parameters]);
    let lost = 0;
    while (runners + workers < most) {
      await Promise.race([runner.ended, calm(random)]);
      if (!runner.isAlive()) break;
      const victims = runner.workers();
      if (victims.length > 0 && random.uniform() < 0.7) {
        kill(victims[random.integer(victims.length)]!);
        workers++;
        lost++;
      } else {
        runner.kill();
        runners++;
      }
    }
    const code = await runner.ended;
    if (code === 0) return { runners, workers };
    // An instance that has lost its worker in every attempt fails, as it should; the next run goes on.
    const mayFail = lost >= attempts;
    if (code !== null && !mayFail) throw new Error(`A disturbed run failed:\n${runner.output()}`);
  }
  await finish(folder);
  return { runners, workers };
}

async function calm(random: RandomStream): Promise<undefined> {
  await pause(random.integer(longestCalmMs), undefined, { ref: false });
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}

function check(folder: string, expected: ReadonlyMap<string, string>, when: string): void {
  const events = recordedEvents(join(folder, '.espalier'));
  const { starts, instances } = startCounts(events);
  const repeated = repeatedWork(events);
  const different = differences(expected, resultsIn(join(folder, '.espalier')));
  console.log(`${when}: ${instances} instances in ${starts} starts, ${different.length} different results`);
  if (repeated.length + different.length > 0)
    throw new Error(`${when}:\n${[...repeated, ...different.map((name) => `another result: ${name}`)].join('\n')}`);
}
