import { type ErrorCode, StudyError } from '@espalier/core';

/** What went wrong in an instance. Plain JSON. */
export interface InstanceFailure {
  readonly code: ErrorCode;
  readonly text: string;
}

/** Why an instance has no results: its own failure, or the failed instance that it cannot do without. */
export type Failure = InstanceFailure | { readonly because: string };

/** An error as plain JSON; one that is no StudyError is a defect, so it keeps its stack. */
export function failureOf(error: unknown): InstanceFailure {
  if (StudyError.is(error)) return { code: error.code, text: error.message };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 'instance-failed', text };
}
