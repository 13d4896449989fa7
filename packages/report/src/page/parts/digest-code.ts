import { type Html, html } from '@espalier/html';

/** The first characters of a digest, the whole of it on hover. */
export function digestCode(digest: string): Html {
  return html`<code title="${digest}">${digest.slice(0, 12)}</code>`;
}
