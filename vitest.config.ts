import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const conditions = ['@espalier/source', 'node', 'import', 'default'];
const tests = [
  'packages/*/test/**/*.test.ts',
  'packages/create-espalier/templates/*/test/*.test.ts',
  'tools/*/test/**/*.test.ts',
];

// Tests that kill processes and break servers, stores and disks: `npm run test:faults`.
const faults = [
  'packages/executor-bullmq/test/{busy,killed,together}.test.ts',
  'packages/runner/test/{display,kills,store-damage}.test.ts',
  'packages/store-s3/test/study.test.ts',
];

// Every method on several networks: `npm run test:swaps`.
const swaps = ['tools/conformance/test/{dictionaries-on-networks,own-network,swap-matrix}.test.ts'];

// Tests that start processes, count memory or need modules that nothing has used yet.
const alone = [
  'packages/engine/test/{choose-engine,wasm-memory}.test.ts',
  'packages/executor-bullmq/test/**/*.test.ts',
  'packages/native-tensorflow/test/**/*.test.ts',
  'packages/nn/test/wasm-memory.test.ts',
  'packages/runner/test/{command,executor-package,planted-secrets,read-only,stacks,strays,two-cores,unbounded,workers}.test.ts',
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
      { extends: true, test: { name: 'faults', include: faults, globalSetup: './tools/checks/src/build-packages.ts' } },
      {
        extends: true,
        test: { name: 'alone', include: alone, exclude: faults, globalSetup: './tools/checks/src/build-packages.ts' },
      },
      { extends: true, test: { name: 'swaps', include: swaps } },
      {
        extends: true,
        test: { name: 'together', include: tests, exclude: [...alone, ...faults, ...swaps], isolate: false },
      },
    ],
  },
});
