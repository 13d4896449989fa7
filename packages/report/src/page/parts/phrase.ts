import type { Phrase } from '@espalier/analysis';
import { type Html, html } from '@espalier/html';

/** A piece of a sentence, linked to the numbers that it stands on. */
export function phraseHtml(phrase: Phrase): Html {
  if ('strong' in phrase) return html`<strong>${phrase.strong}</strong>`;
  return 'claim' in phrase ? html`<a href="#${phrase.claim}">${phrase.text}</a>` : html`${phrase.text}`;
}
