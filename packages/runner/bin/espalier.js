#!/usr/bin/env node
const problem = require('./node-version.js').tooOld(process.versions.node);

if (problem !== undefined) {
  console.error(problem);
  process.exitCode = 2;
} else {
  // `require` reads the hundreds of modules behind a command sooner than `import`, which reads each through another thread.
  const { explainCrashes, main } = require('../dist/command-line/cli.js');
  const argv = process.argv.slice(2);
  explainCrashes(argv);
  main(argv).then((code) => {
    process.exitCode = code;
  });
}
