import type { RandomStream } from '@espalier/core';
import { oneOf } from './random-choice.ts';

const words = [
  'arm',
  'Arm',
  'ARM',
  'ig',
  'smooth',
  'caf\u00e9',
  'cafe\u0301',
  'stra\u00dfe',
  'STRASSE',
  '\u0130',
  '\u212a',
  'k',
];
const devices = [
  'con',
  'NUL',
  'aux',
  'prn',
  'com1',
  'LPT9',
  'conin$',
  'com\u00b9',
  'nul.txt',
  'CON.json',
  'aux .x',
  'com0',
];
const controls = [
  '\0',
  '\t',
  '\r',
  '\u001b[31m',
  '\u007f',
  '\u0085',
  '\u009b',
  '\u202e',
  '\u2066',
  '\u200f',
  '\u2028',
  '\ud800',
];
const signs = [
  '/',
  '\\',
  ':',
  '*',
  '?',
  '"',
  '<',
  '>',
  '|',
  '%',
  '%2F',
  '%2f',
  '%252F',
  '%u202E',
  '.',
  ' ',
  '#',
  '~',
  '$',
  '\u{1f600}',
  '\u0301',
];
const separators = ['[', ']', ',', '=', '\n'];

/** A text as a person, a program or an attacker may choose it for a label or a file. */
export function hostileName(random: RandomStream): string {
  const parts = Array.from({ length: 1 + random.integer(3) }, () => part(random));
  const joined = parts.join(oneOf(random, ['', '_', '.', '/']));
  const end = oneOf(random, ['', '', '', '.', ' ', '..', '/']);
  return random.integer(40) === 0 ? `${joined}${'\u00fc'.repeat(80 + random.integer(80))}` : joined + end;
}

/** A name that some file system takes for `name`, or that somebody may. */
export function variantOf(name: string, random: RandomStream): string {
  const others = [name, name.toUpperCase(), name.toLowerCase(), name.normalize('NFD'), name.normalize('NFC')];
  return oneOf(random, [
    ...others,
    `${name}/x`,
    `${name}.`,
    `./${name}`,
    encodeURIComponent(name.replace(/\p{Surrogate}/gu, '')),
  ]);
}

function part(random: RandomStream): string {
  const kind = random.integer(20);
  if (kind < 11) return oneOf(random, words);
  if (kind < 13) return oneOf(random, devices);
  if (kind < 15) return oneOf(random, controls);
  return kind < 19 || random.integer(4) > 0 ? oneOf(random, signs) : oneOf(random, separators);
}

/** What various file systems take for one name: without case, by one of its two Unicode forms. */
export function folds(name: string): readonly string[] {
  const forms = ['NFC', 'NFD'].map((form) => name.normalize(form));
  return forms.flatMap((form) => [form.toLowerCase(), form.toUpperCase()].map((text) => text.normalize('NFC')));
}

/** Whether some file system takes two of these names for one. */
export function haveClash(names: readonly string[]): boolean {
  const all = names.map(folds);
  return all.some((a, i) => all.some((b, j) => i < j && a.some((fold, k) => fold === b[k])));
}

const windowsDevices = new Set(
  'con prn aux nul conin$ conout$ com0 com1 com2 com3 com4 com5 com6 com7 com8 com9 com\u00b9 com\u00b2 com\u00b3 lpt0 lpt1 lpt2 lpt3 lpt4 lpt5 lpt6 lpt7 lpt8 lpt9 lpt\u00b9 lpt\u00b2 lpt\u00b3'.split(
    ' ',
  ),
);

/** Whether a file or folder of this name can be on every file system and seen for what it is on a terminal. */
export function isPlainName(name: string): boolean {
  if (name === '' || name === '.' || name === '..' || Buffer.byteLength(name) > 230) return false;
  if (name.endsWith('.') || name.endsWith(' ')) return false;
  if (windowsDevices.has(name.split('.')[0]!.trimEnd().toLowerCase())) return false;
  return [...name].every((character) => {
    const code = character.codePointAt(0)!;
    const isControl = code < 32 || (code >= 127 && code < 160);
    const isHidden =
      [0x061c, 0x200e, 0x200f, 0x2028, 0x2029].includes(code) ||
      (code >= 0x202a && code <= 0x202e) ||
      (code >= 0x2066 && code <= 0x2069);
    const isHalf = code >= 0xd800 && code <= 0xdfff;
    return !isControl && !isHidden && !isHalf && !'<>:"/\\|?*'.includes(character);
  });
}
