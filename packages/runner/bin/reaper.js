import { createRequire } from 'node:module';

const { reap } = createRequire(import.meta.url)('../dist/reaper.js');
reap();
