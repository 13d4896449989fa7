import { serveTasks } from '../dist/worker.js';

const [storeFolder, liveBytes] = process.argv.slice(2);
serveTasks(storeFolder, Number(liveBytes));
