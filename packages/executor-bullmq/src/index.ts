export { createExecutor } from './executor.ts';
export { serveTasks } from './serve.ts';

/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';
