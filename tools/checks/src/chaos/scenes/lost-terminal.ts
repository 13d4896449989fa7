import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../../workspace.ts';
import { espalier, start } from '../program.ts';
import { standardPlaces } from '../results.ts';
import { mustEnd } from '../stage.ts';
import { boundMs, type Scene } from './scene.ts';

const program = join(root, 'packages/runner/test/fixtures/terminal.py');

/** A disowned run, whose terminal is closed while it trains: every later write to it fails with EIO. */
export const lostTerminal: Scene = {
  name: 'the terminal goes away',
  missing: hasPython() ? undefined : 'no python3 here, which opens a terminal',
  async play(stage, study) {
    const run = [process.execPath, espalier, 'run', 'study.json', ...stage.flags];
    const terminal = start(['python3', program, 'disowned', 'epoch 1/', ...run], { folder: study });
    await mustEnd(terminal, boundMs(stage));
    if (terminal.output().trim() !== 'code 0') throw new Error(`The run ended with ${terminal.output()}`);
    return standardPlaces(study);
  },
};

function hasPython(): boolean {
  return spawnSync('python3', ['-c', 'import pty']).status === 0;
}
