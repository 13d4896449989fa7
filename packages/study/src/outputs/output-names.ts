/** Longest name of a file, in bytes of UTF-8: file systems hold 255, and a file is written under a longer one first. */
export const longestName = 230;
/** Longest path of an output below its folder, in bytes of UTF-8. */
export const longestPath = 800;

// What Windows refuses, what a path means something by, what hides or reorders text, and the sign of this encoding.
const special = /[<>:"/\\|?*%\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/gu;
// Windows drops dots and spaces at the end of a name, and takes these for devices whatever their ending.
const droppedEnd = /[. ]$/;
const device = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?= *(?:\.|$))/i;

/**
 * A file name for any text: the text itself where every file system holds it, else with `%` and the bytes of what it does
 * not hold, as in URLs: `ig/smooth` is `ig%2Fsmooth`. Different texts have different names.
 */
export function fileNameOf(text: string): string {
  if (text === '') return '%';
  const plain = text.replace(special, encoded).replace(droppedEnd, encoded);
  return plain.replace(device, (name) => `${name.slice(0, -1)}${encoded(name.slice(-1))}`);
}

function encoded(character: string): string {
  // Half of a pair has no bytes in UTF-8.
  if (/\p{Surrogate}/u.test(character)) return `%u${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}

/** Length of a name or path as file systems count it. */
export function nameBytes(name: string): number {
  return Buffer.byteLength(name);
}

/** What file systems that do not tell upper from lower case, or ways to compose an accent, know a path by. */
export function foldedPath(path: string): string {
  return path.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');
}

/** Why a path below a folder cannot be one on every file system; undefined where it can. */
export function pathProblem(path: string): string | undefined {
  const parts = path.split('/');
  if (path.includes('\\') || parts.some((name) => ['', '.', '..'].includes(name)))
    return 'must be a relative path inside the output folder, with "/" between folders';
  for (const name of parts) {
    const plain = name.replaceAll('%', '_'); // a sign of the encoding, not of file systems
    if (fileNameOf(plain) !== plain) return `has ${unheld(name)}`;
    const bytes = nameBytes(name);
    if (bytes > longestName) return `has a name of ${bytes} bytes; a file's name may have ${longestName}`;
  }
  const bytes = nameBytes(path);
  return bytes > longestPath ? `has ${bytes} bytes; a path of an output may have ${longestPath}` : undefined;
}

function unheld(name: string): string {
  if (device.test(name)) return `the name "${name}", which Windows takes for a device`;
  if (droppedEnd.test(name)) return `the name "${name}", whose end Windows drops`;
  const found = name.replaceAll('%', '_').match(special)?.[0] ?? '';
  const sign = /[<>:"|?*]/.test(found)
    ? found
    : `U+${found.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}`;
  return `the character ${sign}, which not every file system takes in a name`;
}
