import { createScanner } from 'jsonc-parser';

/** Deeper than any real study; bounds recursion on hostile files. */
export const deepest = 64;
// Names, values and signs. The largest study that this repository ships has 3,000.
const mostTokens = 200_000;

// Kinds of jsonc-parser's `SyntaxKind`, a const enum, which a module that is compiled alone cannot import.
const [openBrace, closeBrace, openBracket, closeBracket, endOfFile] = [1, 2, 3, 4, 17];

/** Where JSON is larger than can be worked with; undefined where it is not. Takes no stack, however deep the text. */
export function beyondBounds(text: string): { readonly offset: number; readonly problem: string } | undefined {
  const scanner = createScanner(text, true);
  let depth = 0;
  for (let tokens = 0; ; tokens++) {
    const kind: number = scanner.scan();
    if (kind === endOfFile) return undefined;
    if (kind === openBrace || kind === openBracket) depth++;
    // A file that closes more than it opens is not deep.
    if (kind === closeBrace || kind === closeBracket) depth = Math.max(0, depth - 1);
    const offset = scanner.getTokenOffset();
    if (depth > deepest) return { offset, problem: `Values may be nested ${deepest} deep; this one is deeper.` };
    if (tokens >= mostTokens) {
      const problem = `A file may have ${mostTokens} names, values and signs; there are more from here on. Keep data in files of its own.`;
      return { offset, problem };
    }
  }
}

/** Whether a value that came as JSON is nested deeper than a study may be. */
export function isTooDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > deepest) return true;
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []));
  }
  return false;
}
