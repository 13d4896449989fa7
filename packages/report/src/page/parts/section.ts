import { type Html, html, type Part } from '@espalier/html';

/** A part of the page under its heading, which the contents lead to. */
export function section(id: string, title: string, content: Part, mark: Part = null): Html {
  return html`<section id="${id}"${mark} aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${content}
</section>`;
}

/** Why there is nothing to show. */
export function absent(text: string): Html {
  return html`<p class="absent">${text}</p>`;
}
