const brand = Symbol.for('@espalier/core/StudyError');

/** Every failure a study author, plugin author or machine can cause. Codes are stable; texts may improve. */
export const errorCodes = [
  'options-invalid',
  'shape-mismatch',
  'values-not-finite',
  'study-invalid',
  'study-unreadable',
  'plugin-not-found',
  'plugin-invalid',
  'profile-unknown',
  'instance-unknown',
  'run-unknown',
  'lock-invalid',
  'frozen',
  'data-missing',
  'data-corrupt',
  'not-downloaded',
  'download-failed',
  'archive-unsafe',
  'file-invalid',
  'file-unreadable',
  'weights-mismatch',
  'masks-mismatch',
  'sparsity-mismatch',
  'layer-unknown',
  'training-diverged',
  'engine-unavailable',
  'native-install-failed',
  'disk-full',
  'output-lost',
  'store-corrupt',
  'not-supported',
  'instance-failed',
  'temporary-failure',
  'worker-lost',
  'out-of-memory',
  'timed-out',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** An error that says what was expected, what was found, where, and what to do next. */
export class StudyError extends Error {
  readonly [brand] = true;
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StudyError';
    this.code = code;
  }

  /** True for a StudyError from any installed copy of core, unlike `instanceof`. */
  static is(value: unknown): value is StudyError {
    return typeof value === 'object' && value !== null && brand in value;
  }
}
