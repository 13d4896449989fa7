import { closeSync, existsSync, openSync } from 'node:fs';
import { startEspalier } from '../program.ts';
import { standardPlaces } from '../results.ts';
import { mustEnd } from '../stage.ts';
import { boundMs, type Scene } from './scene.ts';

/** A run whose log is on a disk that is full: it says so, once, and goes on. */
export const fullStdout: Scene = {
  name: 'stdout is full',
  missing: existsSync('/dev/full') ? undefined : 'no /dev/full here',
  async play(stage, study) {
    const disk = openSync('/dev/full', 'w');
    const run = startEspalier(['run', 'study.json', ...stage.flags], { folder: study, stdout: disk });
    closeSync(disk);
    await mustEnd(run, boundMs(stage));
    if (!/^What was printed has not all arrived \(ENOSPC/.test(run.output()))
      throw new Error(`The run does not say that its output was lost:\n${run.output()}`);
    return standardPlaces(study);
  },
};
