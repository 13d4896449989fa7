import { StudyError } from '@espalier/core';
import type { OpenedStudy } from './opened-study.ts';
import { forecast } from './plan-study.ts';

/**
 * Checks that what may not be run is in the store: everything for `--frozen`, what comes before for `--from`.
 *
 * @throws StudyError `frozen`, with what would run and why
 */
export async function checkStored(opened: OpenedStudy, frozen: boolean): Promise<void> {
  if (!frozen && opened.stored.size === 0) return;
  const { instances } = await forecast(opened);
  const missing = instances.filter(({ id, status }) => status === 'run' && (frozen || opened.stored.has(id)));
  if (missing.length === 0) return;
  const lines = missing
    .slice(0, mostLines)
    .map(({ id, reasons, problem }) => `  ${id}: ${problem ?? reasons.join('; ')}`);
  const rest = missing.length > mostLines ? [`  and ${missing.length - mostLines} more`] : [];
  const asked = frozen ? 'With --frozen nothing may run' : 'With --from what comes before must be in the store';
  const way = frozen ? 'Run without --frozen, or bring back the store.' : 'Run without --from first.';
  throw new StudyError(
    'frozen',
    `${asked}; expected every result in the store, found ${missing.length} missing. ${way}\n${[...lines, ...rest].join('\n')}`,
  );
}

const mostLines = 10;
