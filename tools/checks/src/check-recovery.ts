import { checkRecovery, readResults } from './results.ts';

// node tools/checks/dist/check-recovery.js <results.json> <share of planted concepts>
const [file, share] = process.argv.slice(2);
if (!file || !share) throw new Error('Usage: check-recovery.js <results.json> <share of planted concepts>');
console.log(`${file}: ${checkRecovery(readResults(file), Number(share))}`);
