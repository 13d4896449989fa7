import { leftOutText } from '@espalier/analysis';
import type { Split } from '@espalier/core';
import { type Html, html } from '@espalier/html';

/** The sentence where every reader sees it. */
export function leftOutNotice(images: Split): Html | null {
  const text = leftOutText(images);
  return text === null ? null : html`<div class="warning" role="note"><p><strong>${text}</strong></p></div>`;
}
