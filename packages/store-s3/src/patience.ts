import { StudyError } from '@espalier/core';

const variable = 'ESPALIER_S3_TIMEOUT';
const usualMs = 30_000;
const mostSeconds = 3600;

/**
 * How long a request may stand still before it is given up and made again, in milliseconds.
 *
 * @throws StudyError `core/options-invalid` for anything but a number of seconds
 */
export function patienceOf(environment: Readonly<Record<string, string | undefined>>): number {
  const text = environment[variable];
  if (!text) return usualMs;
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (seconds >= 0.05 && seconds <= mostSeconds) return 1000 * seconds;
  throw new StudyError(
    'core/options-invalid',
    `Expected in ${variable} a number of seconds from 0.05 to ${mostSeconds}, found ${JSON.stringify(text.slice(0, 64))}.`,
  );
}
