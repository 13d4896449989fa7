import { extname } from 'node:path';
import type { ArtifactKind } from '../file/artifact-kinds.ts';
import { shown } from '../text/problems.ts';
import { endings } from './output-paths.ts';

/**
 * Why an output of a kind cannot be called by `path`: its ending says another form than will be written. Undefined where it says that one, or none.
 *
 * @param forms endings of the other forms in which the plugin that made it writes it, for example `.onnx`
 */
export function wrongForm(path: string, kind: ArtifactKind, forms: readonly string[]): string | undefined {
  const ending = extname(path);
  // What begins with no letter is part of a number, as in `level-0.5`.
  if (kind === 'files' || !/^\.[a-z]/i.test(ending)) return undefined;
  const known = [endings[kind], ...forms];
  if (known.includes(ending)) return undefined;
  return `The output ${shown(path)} would hold no ${shown(ending)} file: ${article(kind)} ${kind} of this node is written as ${known.map((form) => shown(form)).join(' or ')}. Give the name that ending.`;
}

function article(kind: string): string {
  return /^[aeiou]/.test(kind) ? 'an' : 'a';
}
