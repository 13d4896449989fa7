import { type ErrorCode, StudyError } from '@espalier/core';
import { readRegularFile } from '@espalier/files';
import { largestText } from '@espalier/study';

export interface TextPurpose {
  /** What the file is, with its article: `a study`. */
  readonly what: string;
  /** What to call it in errors. */
  readonly fileName: string;
  /** Code of the error for a text that cannot be read as one. */
  readonly code: ErrorCode;
  /** Most bytes. */
  readonly most?: number;
}

/** The text of a file that a person supplies. @throws StudyError of `readRegularFile`; with `code` where it is not UTF-8 */
export async function readText(
  path: string,
  { what, fileName, code, most = largestText }: TextPurpose,
): Promise<string> {
  return decodedText(await readRegularFile(path, { what, most }), fileName, code);
}

/** @throws StudyError `code`, with the place of the first byte that is not UTF-8 */
export function decodedText(bytes: Uint8Array, fileName: string, code: ErrorCode): string {
  const encoding = otherEncoding(bytes);
  if (encoding !== undefined) {
    throw new StudyError(
      code,
      `${fileName} is not readable as text: it is written in ${encoding}. Save it as UTF-8, which every editor can.`,
    );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    const { line, byte } = firstInvalid(bytes);
    throw new StudyError(
      code,
      `${fileName} is not readable as text: line ${line} has the byte 0x${byte.toString(16).toUpperCase().padStart(2, '0')} where UTF-8 has none, as files in Latin-1 do. Save it as UTF-8.`,
      { cause },
    );
  }
}

/** UTF-16 and UTF-32, by their byte order marks, or by the zeros beside the first characters of JSON. */
function otherEncoding(bytes: Uint8Array): string | undefined {
  const [a, b, c, d] = bytes;
  const wide = (a === 0xff && b === 0xfe && c === 0 && d === 0) || (a === 0 && b === 0 && c === 0xfe && d === 0xff);
  if (wide || (a === 0 && b === 0 && c === 0 && d !== 0)) return 'UTF-32';
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) return 'UTF-16';
  const isHalf = (a === 0 && b !== 0 && c === 0) || (a !== 0 && b === 0 && c !== 0 && d === 0);
  return isHalf && bytes.length >= 4 ? 'UTF-16' : undefined;
}

function firstInvalid(bytes: Uint8Array): { readonly line: number; readonly byte: number } {
  // Where bytes are no text, a decoder writes another: what comes back differs from there on.
  const again = Buffer.from(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
  const at = bytes.findIndex((byte, index) => byte !== again[index]);
  const line = 1 + bytes.subarray(0, at).filter((byte) => byte === 0x0a).length;
  return { line, byte: bytes[at]! };
}
