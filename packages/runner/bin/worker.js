import { serveTasks } from '../dist/worker.js';

const [storeAt, liveBytes] = process.argv.slice(2);
serveTasks(storeAt, Number(liveBytes));
