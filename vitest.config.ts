import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const conditions = ['@espalier/source', 'node', 'import', 'default'];
const tests = ['packages/*/test/**/*.test.ts', 'tools/*/test/**/*.test.ts'];

// Tests that start processes, count memory or need modules that nothing has used yet.
const alone = [
  'packages/engine/test/{choose-engine,wasm-memory}.test.ts',
  'packages/executor-bullmq/test/**/*.test.ts',
  'packages/native-tensorflow/test/**/*.test.ts',
  'packages/nn/test/wasm-memory.test.ts',
  'packages/runner/test/{command,display,executor-package,kills,planted-secrets,read-only,stacks,strays,unbounded,workers}.test.ts',
  'packages/store-s3/test/study.test.ts',
  'tools/checks/test/**/*.test.ts',
  'tools/conformance/test/memory.test.ts',
];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // Many tests wait for processes that they started: as many workers as cores would leave some of these idle.
    maxWorkers: availableParallelism() + 1,
    reporters: ['default', './tools/checks/src/count-reporter.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Importing all that a test needs takes longer than most tests, so files share processes where they can.
    projects: [
      { extends: true, test: { name: 'alone', include: alone, globalSetup: './tools/checks/src/build-packages.ts' } },
      { extends: true, test: { name: 'together', include: tests, exclude: alone, isolate: false } },
    ],
  },
});
