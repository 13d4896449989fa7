import { createRequire } from 'node:module';

// As in espalier.js: it is the quicker way to the same modules.
const { serveTasks } = createRequire(import.meta.url)('../dist/worker.js');
const [storeAt, liveBytes] = process.argv.slice(2);
serveTasks(storeAt, Number(liveBytes));
