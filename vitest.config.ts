import { readdirSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

const conditions = ['@espalier/source', 'node', 'import', 'default'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    projects: readdirSync('packages').map((name) => ({
      extends: true as const,
      root: `packages/${name}`,
      test: { name: `@espalier/${name}`, include: ['test/**/*.test.ts'], testTimeout: 60_000 },
    })),
  },
});
