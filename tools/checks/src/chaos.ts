import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { randomStream } from '@espalier/core';
import { killedRuns } from './chaos/kills.ts';
import { resultsIn, standardPlaces } from './chaos/results.ts';
import { scenes } from './chaos/scenes/index.ts';
import { check, mustEnd, newStudy, type Stage, startRun } from './chaos/stage.ts';
import { whole } from './whole.ts';

const usage = `npm run chaos -- [--kills 20] [--only kills|scenes] [--seed 1] [--engine wasm|tensorflow] [--jobs 2] [--keep]

A small study, while its runner or one of its workers is killed at random moments, while its terminal goes away, what it
prints finds no room, its folder can only be read, or its workers are stopped past their lease. Every study that ends must
have the results of one that nobody disturbed, to the byte; nothing that was done may have been done again.`;

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    only: { type: 'string' },
    seed: { type: 'string', default: '1' },
    engine: { type: 'string', default: 'wasm' },
    jobs: { type: 'string', default: '2' },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const [kills, seed] = [whole(values.kills, 1), whole(values.seed, 0)];
const isKnown = values.only === undefined || values.only === 'kills' || values.only === 'scenes';
const started = performance.now();

if (values.help || kills === undefined || seed === undefined || !isKnown) {
  console.log(usage);
  process.exitCode = values.help ? 0 : 2;
} else await chaos(kills, seed);

async function chaos(kills: number, seed: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-chaos-'));
  try {
    const stage = await undisturbed(folder);
    if (values.only !== 'scenes') {
      await killedRuns(stage, kills, randomStream(seed, 'chaos'), values.keep);
      report(`${kills} kills: every study ended with the results of the undisturbed one`);
    }
    if (values.only !== 'kills') {
      for (const [index, scene] of scenes.entries()) {
        if (scene.missing) {
          report(`left out: ${scene.name} (${scene.missing})`);
          continue;
        }
        const study = newStudy(folder, `scene-${index + 1}`);
        check(stage, await scene.play(stage, study), scene.name, !scene.trainsTwice);
      }
      report(`${scenes.length} scenes`);
    }
  } finally {
    if (values.keep) console.log(`kept ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs the study as it is. */
async function undisturbed(folder: string): Promise<Stage> {
  const flags = ['--engine', values.engine, '--jobs', values.jobs];
  const study = newStudy(folder, 'calm');
  const began = performance.now();
  await mustEnd(startRun({ flags }, study), 600_000);
  const calmMs = performance.now() - began;
  const expected = resultsIn(standardPlaces(study));
  report(`undisturbed: ${expected.size} results`);
  return { folder, flags, expected, calmMs };
}

function report(line: string): void {
  console.log(`${line} (${Math.round((performance.now() - started) / 1000)} s so far)`);
}
