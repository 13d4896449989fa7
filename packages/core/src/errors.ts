const brand = Symbol.for('@espalier/core/StudyError');

/**
 * What went wrong, for programs: `<package>/<reason>`, with the package that the reason belongs to. Packages add their own; one
 * code stands for one thing. Codes are stable; texts may improve.
 */
export type ErrorCode = `${string}/${string}`;

/** Whether `value` can be a code: two kebab-case words with a slash between them. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && /^[a-z][a-z0-9-]*\/[a-z][a-z0-9-]*$/.test(value);
}

/** What stands beside the text of a StudyError. */
export interface StudyErrorOptions extends ErrorOptions {
  /** Whether the same attempt may succeed later, as when a server did not answer: the study's `retry` decides. */
  readonly transient?: boolean;
}

/**
 * An error that says what was expected, what was found, where, and what to do next. Every failure that a study author, plugin author
 * or machine can cause is one; anything else that is thrown counts as a defect.
 *
 * @example
 * throw new StudyError('my-pruner/level-too-high', `Expected a sparsity below 1, found ${level}. Lower "sparsity".`);
 */
export class StudyError extends Error {
  readonly [brand] = true;
  readonly code: ErrorCode;
  readonly transient: boolean;

  constructor(code: ErrorCode, message: string, { transient = false, ...options }: StudyErrorOptions = {}) {
    super(message, options);
    this.name = 'StudyError';
    this.code = code;
    this.transient = transient;
  }

  /** True for a StudyError from any installed copy of core, unlike `instanceof`. */
  static is(value: unknown): value is StudyError {
    return typeof value === 'object' && value !== null && brand in value;
  }
}
