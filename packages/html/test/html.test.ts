import { escapeHtml, html, link } from '@espalier/html';
import { expect, test } from 'vitest';

test('every value of a template is escaped, but HTML is not escaped again', () => {
  const inner = html`<b>${'a & "b"'}</b>`;
  expect(html`<p title="${"it's <x>"}">${inner}${[1, ' ', inner]}</p>`.text).toBe(
    '<p title="it&#39;s &lt;x&gt;"><b>a &amp; &quot;b&quot;</b>1 <b>a &amp; &quot;b&quot;</b></p>',
  );
});

test('nothing is written for null, undefined and false, and a zero is', () => {
  expect(html`${null}${undefined}${false}${0}`.text).toBe('0');
});

test('what is escaped reads as it was', () => {
  const text = `<script>alert("&amp;")</script>'`;
  const back = escapeHtml(text)
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
  expect(back).toBe(text);
  expect(escapeHtml(text)).not.toMatch(/[<>"']/);
});

test.each(['javascript:alert(1)', 'data:text/html,x', ' https://a.example', 'HTTPSX://a'])(
  'the address %j becomes no link',
  (address) => {
    expect(link(address, 'here').text).toBe('here');
  },
);

test('an https address becomes a link, its quotes escaped', () => {
  expect(link('https://a.example/?q="', 'here').text).toBe(
    '<a href="https://a.example/?q=&quot;" rel="noreferrer noopener">here</a>',
  );
});
