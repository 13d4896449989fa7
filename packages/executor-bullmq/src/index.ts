export { createExecutor } from './executor.ts';
export { serveTasks } from './serve.ts';
