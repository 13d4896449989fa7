// As in espalier.js: it is the quicker way to the same modules.
const { serveTasks } = require('../dist/workers/worker.js');
const [storeAt, liveBytes] = process.argv.slice(2);
serveTasks(storeAt, Number(liveBytes));
