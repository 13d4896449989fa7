import { createHash } from 'node:crypto';
import { foldedTable, html, page, table } from '@espalier/html';
import { expect, test } from 'vitest';

const digest = (text: string) => createHash('sha256').update(text).digest('base64');

test('a page allows its own sheets and script by their hashes, and nothing else', () => {
  const made = page({
    title: 'a < b',
    sheets: ['p{color:red}', 'b{}'],
    script: "'use strict';",
    body: html`<p>hi</p>`,
  }).text;
  expect(made).toContain('<title>a &lt; b</title>');
  const policy = made.match(/Content-Security-Policy" content="([^"]*)"/)![1]!.replaceAll('&#39;', "'");
  expect(policy).toBe(
    `default-src 'none'; img-src data:; style-src 'sha256-${digest('p{color:red}')}' 'sha256-${digest('b{}')}'; ` +
      `script-src 'sha256-${digest("'use strict';")}'; base-uri 'none'; form-action 'none'`,
  );
  expect(page({ title: '', sheets: [], body: null }).text).not.toContain('script');
  const withFiles = page({ title: '', sheets: [], body: null, showsFiles: true }).text;
  expect(withFiles.replaceAll('&#39;', "'")).toContain("img-src data: 'self' file:; ");
});

test('a table names its rows and columns, and its box can be reached and read', () => {
  const content = {
    caption: 'Sizes',
    head: ['Layer', 'Note', 'Size'],
    rows: [['conv<1>', 'first', '9']],
    numbersFrom: 2,
  };
  const made = table(content, 'sizes').text;
  expect(made).toContain('<div class="scroll" role="region" aria-label="sizes" tabindex="0">');
  expect(made).toContain('<th scope="col">Note</th><th scope="col" class="number">Size</th>');
  expect(made).toContain('<tr><th scope="row">conv&lt;1&gt;</th><td>first</td><td class="number">9</td></tr>');
  expect(foldedTable('sizes', content).text).toBe(`<details class="data"><summary>sizes</summary>${made}</details>`);
});
