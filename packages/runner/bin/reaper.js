// As in espalier.js: it is the quicker way to the same modules.
require('../dist/workers/reaper.js').reap();
