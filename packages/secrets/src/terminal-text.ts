import { visible } from '@espalier/files';
import { cleared, withoutSecrets } from './without-secrets.ts';

/** `text` as a terminal may have it: without secrets, and without characters that a terminal obeys or that hide others. */
export function terminalText(text: string): string {
  return visible(withoutSecrets(text)).replaceAll(/\r(?!\n)/g, '\ufffd');
}

/** `value` as JSON without secrets, in which what a terminal would obey is escaped. */
export function terminalJson(value: unknown, indent?: number): string {
  const json = JSON.stringify(cleared(JSON.parse(JSON.stringify(value))), undefined, indent);
  return json.replaceAll(/[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
