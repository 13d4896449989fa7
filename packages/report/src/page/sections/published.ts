import { foundPhrases, type JudgedClaim, testText } from '@espalier/analysis';
import { type Html, html, link, type Part, table } from '@espalier/html';
import type { PageData } from '../page-data.ts';
import { phraseHtml } from '../parts/phrase.ts';
import { section } from '../parts/section.ts';

const title = 'What others claim';

/** What publications claim beside what was found, held against what they held it against and against the study's control. Null where there is none. */
export function publishedSection({ judged, published }: Pick<PageData, 'judged' | 'published'>): Html | null {
  if (judged.length === 0) return null;
  const control = judged.find(({ besideControl }) => besideControl !== null)?.besideControl?.control;
  const content = html`${published.map(({ title: of, url, note }) => html`<p class="aside">${link(url, of)}. ${note}</p>`)}
${table(
  {
    caption:
      'A claim is supported where every level and explainer that it is about has the verdict that it says, and contradicted where one has another; what is equivalent is unchanged. Verdicts are those of this study\u2019s own claims.',
    head: [
      'Claim',
      'Where it stands',
      'What would show it',
      'As published',
      ...(control === undefined ? [] : [`Against \u201c${control}\u201d`]),
    ],
    rows: judged.map((one) => rowOf(one, control !== undefined)),
  },
  title,
)}`;
  return section('published', title, content);
}

function rowOf(one: JudgedClaim, hasControl: boolean): Part[] {
  const { published, asPublished, besideControl } = one;
  return [
    published.text,
    `${published.publication}, ${published.stands}`,
    testText(one),
    html`${foundPhrases(asPublished).map(phraseHtml)}`,
    ...(hasControl ? [besideControl ? html`${foundPhrases(besideControl).map(phraseHtml)}` : '\u2013'] : []),
  ];
}
