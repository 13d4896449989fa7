import { createContainer } from '../dist/container.js';
import { serveTasks } from '../dist/worker.js';

const [storeFolder, liveBytes] = process.argv.slice(2);
serveTasks(createContainer({ storeFolder, liveBytes: Number(liveBytes) }));
