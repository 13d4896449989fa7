export { escapeHtml, Html, html, link, type Part } from './html.ts';
export { type Page, page } from './page.ts';
export { foldedTable, type Table, table } from './table.ts';
