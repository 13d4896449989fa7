import { type Html, html, type Part } from './html.ts';

/** What a table shows. */
export interface Table {
  /** What its numbers are: above it, and read first by a screen reader. */
  readonly caption: Part;
  /** One cell for each column. */
  readonly head: readonly Part[];
  /** The first cell of each row names the row. */
  readonly rows: readonly (readonly Part[])[];
  /** From this column on, cells are numbers. */
  readonly numbersFrom?: number;
  /** The last column holds sentences: it stays wide enough to read on a narrow screen. */
  readonly long?: boolean;
}

/**
 * A table in a box that scrolls on its own and can be reached by keyboard.
 *
 * @param name of the box, for screen readers
 */
export function table({ caption, head, rows, numbersFrom = 1, long }: Table, name: string): Html {
  const kind = (i: number) => (i >= numbersFrom ? html` class="number"` : null);
  const headCells = head.map((cell, i) => html`<th scope="col"${kind(i)}>${cell}</th>`);
  const bodyRows = rows.map(([first, ...rest]) => {
    const cells = rest.map((cell, i) => html`<td${kind(i + 1)}>${cell}</td>`);
    return html`<tr><th scope="row">${first}</th>${cells}</tr>`;
  });
  return html`<div class="scroll" role="region" aria-label="${name}" tabindex="0">
<table${long && html` class="long"`}><caption>${caption}</caption><thead><tr>${headCells}</tr></thead><tbody>${bodyRows}</tbody></table></div>`;
}

/** A table folded away under its name: the text alternative of a figure. */
export function foldedTable(summary: string, content: Table): Html {
  return html`<details class="data"><summary>${summary}</summary>${table(content, summary)}</details>`;
}
