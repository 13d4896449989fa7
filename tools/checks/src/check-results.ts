import { checkResults, readResults } from './results.ts';

// node tools/checks/dist/check-results.js <results.json> <dense accuracy> <levels>
const [file, accuracy, levels] = process.argv.slice(2);
if (!file || !accuracy || !levels) throw new Error('Usage: check-results.js <results.json> <dense accuracy> <levels>');
console.log(`${file}: ${checkResults(readResults(file), { accuracy: Number(accuracy), levels: Number(levels) })}`);
