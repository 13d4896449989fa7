import type { Provenance } from '@espalier/core';
import { count } from '../text/numbers.ts';

const shownDigits = 12;

/** Which version of the study an answer is of, and how many were reported before it: what they showed may have chosen this one. */
export function versionText({ study, reportedBefore }: Pick<Provenance, 'study' | 'reportedBefore'>): string {
  const version = `Study ${study.digest.slice(0, shownDigits)}${study.profile === null ? '' : `, profile \u201c${study.profile}\u201d`}`;
  if (reportedBefore === 0) return `${version}: no other version of it was reported here before.`;
  const others = count(reportedBefore, 'other version');
  return (
    `${version}: ${others} of it (of its text, profile, parameters or recipes) ${reportedBefore === 1 ? 'was' : 'were'} reported here before. ` +
    'What they showed may have chosen this one, and no error rate covers that.'
  );
}
