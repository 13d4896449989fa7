import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const conditions = ['@espalier/source', 'node', 'import', 'default'];
const workspaces = ['packages', 'tools']
  .flatMap((folder) => readdirSync(folder).map((name) => ({ name, root: `${folder}/${name}` })))
  .filter(({ root }) => existsSync(`${root}/test`));

// Absolute: a project's `root` is not yet known when they are looked up.
const globalSetups = (root: string) => [join(import.meta.dirname, root, 'test/global-setup.ts')].filter(existsSync);

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // Many tests wait for processes that they started: as many workers as cores would leave some of these idle.
    maxWorkers: availableParallelism() + 1,
    reporters: ['default', './tools/checks/src/count-reporter.ts'],
    projects: workspaces.map(({ name, root }) => ({
      extends: true as const,
      root,
      test: {
        name: `@espalier/${name}`,
        include: ['test/**/*.test.ts'],
        globalSetup: globalSetups(root),
        testTimeout: 60_000,
        hookTimeout: 60_000,
      },
    })),
  },
});
