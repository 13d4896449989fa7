import { isPlainWord, isSecretName, secretRemover } from '@espalier/secrets';
import type { Path } from '../text/located-text.ts';
import type { Place, Problem } from '../text/problems.ts';
import { isTooDeep } from '../text/text-bounds.ts';

const why =
  'What a study says is kept in keys, records and reports, and cannot be taken back. Let the plugin read it from an environment variable.';

/**
 * The secrets in a study or its parameters, each a problem that does not show it: URLs with a password, values that this process
 * knows as secrets, and options or parameters that are secrets by name.
 *
 * @param params values of the command line
 */
export function studySecrets(study: unknown, params: Readonly<Record<string, unknown>> = {}): readonly Problem[] {
  const problems: Problem[] = [];
  const clear = secretRemover();
  const report = (place: Place, what: string): void =>
    void problems.push({ code: 'study/invalid', place, text: `${what} ${why}` });
  visit(study, { path: [], isOption: false, clear }, report);
  for (const [name, value] of Object.entries(params)) {
    if (isTooDeep(value)) continue; // refused as it is
    const place: Place = { commandLine: `--param ${clear(name)}` };
    visit({ [name]: value }, { path: [], isOption: true, place, clear }, report);
  }
  return problems;
}

interface Where {
  readonly path: Path;
  /** Inside of options or parameters, where names say what values are. */
  readonly isOption: boolean;
  /** Of all of it, where it is not in the study. */
  readonly place?: Place;
  /** Takes secrets out of a text. */
  readonly clear: (text: string) => string;
}

function visit(value: unknown, where: Where, report: (place: Place, what: string) => void): void {
  const { path, isOption, place, clear } = where;
  if (typeof value === 'string') {
    if (holdsSecret(value, clear)) report(place ?? { path }, 'This value holds a password or another secret.');
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    const at: Path = [...path, Array.isArray(value) ? Number(key) : key];
    if (holdsSecret(key, clear))
      report(place ?? { path, key: true }, 'A name here holds a password or another secret.');
    if (isOption && typeof item === 'string' && item !== '' && isSecretName(key))
      report(place ?? { path: at, key: true }, `"${clear(key)}" is the name of a secret.`);
    else visit(item, { ...where, path: at, isOption: isOption || key === 'with' || key === 'params' }, report);
  }
}

// A password that is an ordinary word is no reason to refuse the word.
function holdsSecret(text: string, clear: Where['clear']): boolean {
  return !isPlainWord(text) && clear(text) !== text;
}
