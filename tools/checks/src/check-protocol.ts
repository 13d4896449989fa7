import { checkProtocol, readResults } from './results.ts';

// node tools/checks/dist/check-protocol.js <results.json of studies/paper-protocol.json>
const [file] = process.argv.slice(2);
if (!file) throw new Error('Usage: check-protocol.js <results.json>');
console.log(`${file}: ${checkProtocol(readResults(file))}`);
