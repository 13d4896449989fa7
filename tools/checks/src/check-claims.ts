import { checkClaims } from './claims-of-study.ts';

// node tools/checks/dist/check-claims.js <study.json> <folder of its outputs> <claims that are measured at least>
const [file, folder, least] = process.argv.slice(2);
if (!file || !folder || !least) throw new Error('Usage: check-claims.js <study.json> <outputs> <measured claims>');
console.log(`${file}: ${checkClaims(file, folder, Number(least))}`);
