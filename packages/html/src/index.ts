export { escapeHtml, Html, html, link, type Part } from './html.ts';
