import { Mistake } from './mistake.ts';

/** What a method is called. */
export interface Names {
  /** In studies and as a file, for example `my-method`. */
  readonly name: string;
  /** In code: `myMethod`. */
  readonly symbol: string;
  /** For people: `My method`. */
  readonly title: string;
}

// Words that no constant can be called, in modules.
const reserved = new Set(
  (
    'arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for ' +
    'function if implements import in instanceof interface let new null package private protected public return static super switch this ' +
    'throw true try typeof undefined var void while with yield'
  ).split(' '),
);

/**
 * The names of a method.
 *
 * @param name kebab-case
 * @param code what the method will be written in: what it calls something else is no name for it
 * @throws Error for a name that is not kebab-case, or `index`, which is another file
 */
export function namesOf(name: string, code = ''): Names {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name === 'index' || name.length > 100)
    throw new Mistake(
      `Expected the name of a method in kebab-case, such as "guided-gradients"; found ${JSON.stringify(name)}. Use small letters, digits and single "-"` +
        `, a letter first, at most 100${name === 'index' ? '; "index" is the file that exports it' : ''}.`,
    );
  const camel = name.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  const isTaken = reserved.has(camel) || new RegExp(`\\b${camel}\\b`).test(code);
  return {
    name,
    symbol: isTaken ? `${camel}Plugin` : camel,
    title: `${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll('-', ' ')}`,
  };
}
