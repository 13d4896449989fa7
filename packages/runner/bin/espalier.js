#!/usr/bin/env node
import { createRequire } from 'node:module';

// `require` reads the hundreds of modules behind a command sooner than `import`, which reads each through another thread.
const { main } = createRequire(import.meta.url)('../dist/cli.js');
process.exitCode = await main(process.argv.slice(2));
