import { join } from 'node:path';
import { writeDurably } from '@espalier/store';
import { findRun, recordedEvents } from '../../runs/recorded-runs.ts';
import { timelinePage } from './page.ts';

/**
 * Draws a run from its record into `timeline.html` beside it; returns the file's path.
 *
 * @throws StudyError `runner/run-unknown` where the folder is no record
 */
export async function writeTimeline(folder: string): Promise<string> {
  const run = await findRun(join(folder, '/'), folder);
  const file = join(folder, 'timeline.html');
  await writeDurably(file, Buffer.from(timelinePage(run, await recordedEvents(run))));
  return file;
}
