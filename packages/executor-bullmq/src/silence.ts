import { StudyError } from '@espalier/core';

const standardSeconds = 60;

/**
 * How long a worker or a run may say nothing before it counts as gone, in milliseconds: `ESPALIER_BULLMQ_SILENCE` in
 * seconds, the same for runs and workers; 60 unless it is set.
 */
export function silenceMs(text = process.env.ESPALIER_BULLMQ_SILENCE): number {
  const seconds = !text ? standardSeconds : /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (seconds >= 1 && seconds <= 86_400) return seconds * 1000;
  throw new StudyError(
    'core/options-invalid',
    `ESPALIER_BULLMQ_SILENCE is "${text}"; expected a number of seconds from 1 to 86400. Runs and workers need the same one.`,
  );
}
