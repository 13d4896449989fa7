import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { oversized } from './sizes/oversized.ts';
import { allPackages, root } from './workspace.ts';

// npm run sizes: folders, files and functions that are too large to be seen at once. There are no exceptions.
const found = allPackages()
  .map(({ folder }) => `${folder}/src`)
  .filter((folder) => existsSync(join(root, folder)))
  .map((folder) => ({ folder, sentences: oversized(join(root, folder)) }))
  .filter(({ sentences }) => sentences.length > 0);
for (const { folder, sentences } of found) {
  console.log(`${folder}: ${sentences.length}`);
  for (const sentence of sentences) console.log(`  ${sentence}`);
}
const count = found.reduce((sum, { sentences }) => sum + sentences.length, 0);
console.log(count === 0 ? 'sizes: every folder, file and function is small' : `sizes: ${count} too large`);
process.exitCode = count === 0 ? 0 : 1;
