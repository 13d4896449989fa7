export { describeExecutor, type ExecutorMaker, executorLaws } from './executor-laws.ts';
