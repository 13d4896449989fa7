import {
  type Answer,
  aspectTitle,
  type Claims,
  controlOf,
  differenceText,
  type Gap,
  intervalText,
  levelText,
  type Phrase,
  pText,
  type Sentence,
} from '@espalier/analysis';
import { visible } from '@espalier/files';

/** What the Markdown is made of. */
export interface AnswerParts {
  readonly answer: Answer | null;
  readonly claims: Claims;
  readonly gaps: readonly Gap[];
  readonly caveats: readonly string[];
  /** What must be known to read it, as a sentence; null for nothing. */
  readonly notice: string | null;
}

/** The answer as Markdown, with a table of every claim that its sentences link to. */
export function answerMarkdown(
  study: string,
  { answer, claims: { claims }, gaps, caveats, notice }: AnswerParts,
): string {
  const before = [
    `# ${escaped(study)}: the answer`,
    ...(notice === null ? [] : [`> **${escaped(notice)}**`]),
    ...gaps.map(({ headline, lines }) =>
      [`> **${escaped(headline)}**`, '>', ...lines.map((line) => `> - ${escaped(line)}`)].join('\n'),
    ),
  ];
  const notes = caveats.map((text) => `> ${escaped(text)}`);
  if (!answer) {
    const nothing = 'This run has no scores of a pruned and a dense model to compare.';
    return `${[...before, nothing, ...notes].join('\n\n')}\n`;
  }
  const parts = [
    ...before,
    `**${escaped(answer.summary)}**`,
    ...(answer.caution === null ? [] : [`> **${escaped(answer.caution)}**`]),
    ...notes,
    ...answer.scope.map(escaped),
    ...answer.aspects.flatMap(({ aspect, lines, sentences, companions }) => [
      `## ${aspectTitle(aspect)}`,
      lines.map(({ phrases }) => `- ${markdown(phrases)}`).join('\n'),
      folded('Measure by measure', sentences),
      folded('Read beside them', companions),
    ]),
    '## Every claim',
    claimTable(
      answer,
      claims.filter(({ family }) => family !== 'companion'),
    ),
    ...companionTable(answer, claims),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function folded(summary: string, sentences: readonly Sentence[]): string {
  if (sentences.length === 0) return '';
  const items = sentences.map(({ phrases, preset }) => `- ${markdown(phrases)} \`${preset.replaceAll('`', "'")}\``);
  return `<details><summary>${summary}</summary>\n\n${items.join('\n')}\n\n</details>`;
}

function companionTable(answer: Answer, claims: Claims['claims']): string[] {
  const companions = claims.filter(({ family }) => family === 'companion');
  return companions.length === 0 ? [] : ['## Claims of companions', claimTable(answer, companions)];
}

function claimTable({ measures, nameOf }: Answer, claims: Claims['claims']): string {
  const names = new Map(
    measures.flatMap((measure) =>
      [measure.dense, ...measure.controls.values()].flat().map(({ id }) => [id, nameOf(measure)]),
    ),
  );
  const rows = claims.map((claim) => {
    const { question, comparison, adjusted, definitions } = claim;
    const cells = [
      `<a id="${claim.id}"></a>${escaped(names.get(claim.id) ?? question.metric)}`,
      levelText(claim),
      escaped(controlOf(claim) || 'dense'),
      differenceText(question, comparison.difference, comparison.interval),
      comparison.interval ? intervalText(question, comparison.interval) : 'none',
      adjusted === null ? '\u2013' : pText(adjusted),
      `${definitions.filter(({ sameSign }) => sameSign).length} of ${definitions.length}`,
      `${comparison.n} \u00d7 ${comparison.seeds}`,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const head = [
    'Measure',
    'Sparsity',
    'Against',
    'Difference',
    '95\u202f% interval',
    'p (Holm)',
    'Same sign',
    'Samples \u00d7 seeds',
  ];
  return [`| ${head.join(' | ')} |`, `|${' --- |'.repeat(head.length)}`, ...rows].join('\n');
}

function markdown(phrases: readonly Phrase[]): string {
  return phrases
    .map((phrase) => {
      if ('strong' in phrase) return `**${escaped(phrase.strong)}**`;
      return 'claim' in phrase ? `[${escaped(phrase.text)}](#${phrase.claim})` : escaped(phrase.text);
    })
    .join('');
}

/** Text that Markdown shows as it is. */
function escaped(text: string): string {
  return visible(text)
    .replace(/[\\`*_[\]<>|#]/g, (character) => (character === '<' ? '&lt;' : `\\${character}`))
    .replaceAll(/[\r\n]+/g, ' ');
}
