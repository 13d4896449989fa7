import { fullStdout } from './full-stdout.ts';
import { lostTerminal } from './lost-terminal.ts';
import { readOnlyStudy } from './read-only-study.ts';
import type { Scene } from './scene.ts';
import { stoppedWorkers } from './stopped-workers.ts';

/** To add a way to disturb a run, add its file in this folder and its scene here. */
export const scenes: readonly Scene[] = [lostTerminal, fullStdout, readOnlyStudy, stoppedWorkers];
