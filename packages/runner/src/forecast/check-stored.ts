import { StudyError } from '@espalier/core';
import type { OpenedStudy } from '../opening/opened-study.ts';
import { lockDifferences, lockOf, lockPath, readLock } from '../opening/study-lock.ts';
import type { Finished } from '../tasks/task-of.ts';
import { forecast } from './plan-study.ts';

/**
 * Checks that what may not be run is in the store: everything for `--frozen`, what comes before for `--from`.
 *
 * @throws StudyError `runner/frozen`, with what would run and why
 */
export async function checkStored(opened: OpenedStudy, frozen: boolean): Promise<void> {
  if (!frozen && opened.stored.size === 0) return;
  const { instances, finished } = await forecast(opened);
  const missing = instances.filter(({ id, status }) => status === 'run' && (frozen || opened.stored.has(id)));
  if (missing.length === 0) return frozen ? checkLock(opened, finished) : undefined;
  const lines = missing
    .slice(0, mostLines)
    .map(({ id, reasons, problem }) => `  ${id}: ${problem ?? reasons.join('; ')}`);
  const rest = missing.length > mostLines ? [`  and ${missing.length - mostLines} more`] : [];
  const asked = frozen ? 'With --frozen nothing may run' : 'With --from what comes before must be in the store';
  const way = frozen ? 'Run without --frozen, or bring back the store.' : 'Run without --from first.';
  throw new StudyError(
    'runner/frozen',
    `${asked}; expected every result in the store, found ${missing.length} missing. ${way}\n${[...lines, ...rest].join('\n')}`,
  );
}

async function checkLock({ plan }: OpenedStudy, finished: Finished): Promise<void> {
  const lock = await readLock(plan);
  const path = lockPath(plan);
  const changes = lock ? lockDifferences(lock, lockOf(plan, finished)) : [];
  if (lock && changes.length === 0) return;
  const found = lock
    ? `found another study than ${path} was written for:\n${changes.map((change) => `  ${change}`).join('\n')}\n`
    : `found no lock file ${path}. `;
  throw new StudyError(
    'runner/frozen',
    `With --frozen a study must be run with what its lock file names; ${found}Install what the lock names, or run without --frozen, which writes it anew.`,
  );
}

const mostLines = 10;
