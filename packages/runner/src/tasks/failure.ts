import { type ErrorCode, StudyError } from '@espalier/core';
import { withoutSecrets } from '@espalier/secrets';

/** What went wrong in an instance. Plain JSON, without secrets. */
export interface InstanceFailure {
  readonly code: ErrorCode;
  readonly text: string;
  /** Whether the same attempt may succeed later. */
  readonly transient?: boolean;
  /** Where in the code a defect shows. It is recorded, and told where somebody looks for defects (`--debug`). */
  readonly stack?: string;
}

/** Why an instance has no results: its own failure, or the failed instance that it cannot do without. */
export type Failure = InstanceFailure | { readonly because: string };

/** An error as plain JSON; one that is no StudyError is a defect, so it keeps its stack. */
export function failureOf(error: unknown): InstanceFailure {
  if (StudyError.is(error)) {
    const { code, message, transient, cause } = error;
    return { code, text: withoutSecrets(message), ...(transient && { transient }), ...stackOf(cause) };
  }
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const text = `${withoutSecrets(what)}\nThis is a defect of Espalier or of a plugin. --debug shows where it comes from.`;
  return { code: 'runner/defect', text, ...(error instanceof Error && stackOf(new Defect(error.stack ?? what))) };
}

/** The failure of another process as an error of this one. */
export function errorOf({ code, text, transient, stack }: InstanceFailure): StudyError {
  return new StudyError(code, text, {
    transient: transient ?? false,
    ...(stack !== undefined && { cause: new Defect(stack) }),
  });
}

/** Carries where a defect showed in another process. */
class Defect {
  readonly at: string;

  constructor(at: string) {
    this.at = at;
  }
}

function stackOf(cause: unknown): { readonly stack: string } | undefined {
  return cause instanceof Defect ? { stack: withoutSecrets(cause.at) } : undefined;
}
