import { createHash } from 'node:crypto';
import { Html, html, type Part } from './html.ts';

/** What a page is made of. Sheets and script are the program's own text, never from outside. */
export interface Page {
  readonly title: string;
  /** Style sheets, in order. */
  readonly sheets: readonly string[];
  /** A page without one needs none. */
  readonly script?: string;
  /** Its pictures lie in files beside it; without that, it shows such as stand in the page itself. */
  readonly showsFiles?: boolean;
  readonly body: Part;
}

/**
 * One HTML file that loads nothing but pictures beside it: no network, no outside fonts or scripts. Its content security policy allows
 * its own style sheets and script by their hashes, pictures from `data:` addresses, those beside it where it shows such, and nothing else.
 */
export function page({ title, body, ...loaded }: Page): Html {
  const { sheets, script } = loaded;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(loaded)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
${sheets.map((sheet) => new Html(`<style>${sheet}</style>`))}
</head>
<body>
${body}
${script !== undefined && new Html(`<script>${script}</script>`)}
</body>
</html>
`;
}

function policy({ sheets, script, showsFiles }: Omit<Page, 'title' | 'body'>): string {
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return [
    "default-src 'none'",
    // A page that was opened from a folder is of no origin of its own: its own files are named by their scheme.
    `img-src data:${showsFiles ? " 'self' file:" : ''}`,
    `style-src ${sheets.map(hash).join(' ')}`,
    ...(script === undefined ? [] : [`script-src ${hash(script)}`]),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}
