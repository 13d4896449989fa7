import { existsSync, readdirSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

const conditions = ['@espalier/source', 'node', 'import', 'default'];
const workspaces = ['packages', 'tools']
  .flatMap((folder) => readdirSync(folder).map((name) => ({ name, root: `${folder}/${name}` })))
  .filter(({ root }) => existsSync(`${root}/test`));

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    reporters: ['default', './tools/checks/src/count-reporter.ts'],
    projects: workspaces.map(({ name, root }) => ({
      extends: true as const,
      root,
      test: {
        name: `@espalier/${name}`,
        include: ['test/**/*.test.ts'],
        globalSetup: existsSync(`${root}/test/global-setup.ts`) ? ['test/global-setup.ts'] : [],
        testTimeout: 60_000,
        hookTimeout: 60_000,
      },
    })),
  },
});
