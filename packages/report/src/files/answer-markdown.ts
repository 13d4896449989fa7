import {
  type Answer,
  againstText,
  type Claims,
  differenceText,
  type Gap,
  intervalText,
  type JudgedClaim,
  levelText,
  type Phrase,
  placeText,
  pText,
} from '@espalier/analysis';
import { visible } from '@espalier/files';

/** What the Markdown is made of. */
export interface AnswerParts {
  readonly answer: Answer | null;
  readonly claims: Claims;
  /** Whether explainers pass their sanity checks; null where none was judged. */
  readonly checked: readonly Phrase[] | null;
  /** What others claim, beside what was found. */
  readonly judged: readonly JudgedClaim[];
  readonly gaps: readonly Gap[];
  readonly caveats: readonly string[];
  readonly version: string;
  /** What must be known to read it, as a sentence; null for nothing. */
  readonly notice: string | null;
}

/** The answer as Markdown, within 700 words: its sentences, and a table of the endpoints. */
export function answerMarkdown(
  study: string,
  { answer, claims: { claims }, checked, judged, gaps, caveats, version, notice }: AnswerParts,
): string {
  const before = [
    `# ${escaped(study)}: the answer`,
    ...(notice === null ? [] : [`> **${escaped(notice)}**`]),
    ...gaps.map(({ headline, lines }) =>
      [`> **${escaped(headline)}**`, '>', ...lines.map((line) => `> - ${escaped(line)}`)].join('\n'),
    ),
  ];
  const notes = caveats.map((text) => `> ${escaped(text)}`);
  const checks = checked === null ? [] : [markdown(checked)];
  if (!answer) {
    const nothing = 'This run has no scores of a pruned and a dense model to compare.';
    return `${[...before, nothing, ...checks, ...notes].join('\n\n')}\n`;
  }
  const parts = [
    ...before,
    answer.lead.map(markdown).join('\n\n'),
    ...(answer.caution === null ? [] : [`> **${escaped(answer.caution)}**`]),
    ...notes,
    escaped(answer.scope[0]!),
    escaped(version),
    ...endpointsTable(answer),
    ...checks,
    ...publishedTable(judged),
    `Verdicts go by these intervals, which hold for all endpoints at once. Every claim, ${claims.length} in all, with raw and adjusted p, margin, effect size and detectable difference is in \`claims.csv\`; the pictures are in \`report.html\`.`,
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

// More rows than these are not read.
const mostRows = 14;

/** The endpoints: the trend of each, or its only level, and where it differs. */
function endpointsTable({ measures, nameOf }: Answer): string[] {
  const endpoints = measures.flatMap((measure) =>
    measure.main?.family === 'endpoints' ? [{ measure, ...measure.main }] : [],
  );
  if (endpoints.length === 0) return [];
  const rows = endpoints.slice(0, mostRows).map(({ measure, trend, levels }) => {
    const claim = trend ?? levels.at(-1)!; // every measure has a level
    const { question, comparison, interval, verdict, adjusted, isBound } = claim;
    const found = levels.filter((level) => level.verdict === 'different').map(levelText);
    const cells = [
      escaped(nameOf(measure)),
      placeText(claim),
      differenceText(question, comparison.difference, interval),
      interval ? intervalText(question, interval) : 'none',
      adjusted === null ? '\u2013' : pText(adjusted, isBound),
      verdict,
      found.length === 0 ? '\u2013' : found.join(', '),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const head = ['Endpoint', 'Sparsity', 'Difference', 'Interval', 'p, adjusted', 'Verdict', 'Levels that differ'];
  const more =
    endpoints.length > mostRows ? [`${endpoints.length - mostRows} more endpoints are in \`claims.csv\`.`] : [];
  const against = againstText(endpoints[0]!.levels[0]!);
  return [
    `## Endpoints, pruned minus ${against === 'dense' ? 'dense' : `\u201c${escaped(against)}\u201d`}`,
    [`| ${head.join(' | ')} |`, `|${' --- |'.repeat(head.length)}`, ...rows].join('\n'),
    ...more,
  ];
}

// Each is read with what was found twice.
const mostClaims = 12;

/** What others claim: as they held it, and against the study's control. */
function publishedTable(judged: readonly JudgedClaim[]): string[] {
  if (judged.length === 0) return [];
  const rows = judged.slice(0, mostClaims).map(({ published, where, asPublished, besideControl }) => {
    const { publication, stands, text } = published;
    const cells = [
      escaped(
        `${text} (${[publication, stands, where.replaceAll('=', ': ')].filter((part) => part !== '').join(', ')})`,
      ),
      asPublished.outcome,
      besideControl ? `${besideControl.outcome} (\u201c${escaped(besideControl.control)}\u201d)` : '\u2013',
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const more =
    judged.length > mostClaims ? [`${judged.length - mostClaims} more claims of others are in \`results.json\`.`] : [];
  return [
    '## What others claim',
    ['| Claim | As published | Against the control |', '| --- | --- | --- |', ...rows].join('\n'),
    ...more,
  ];
}

function markdown(phrases: readonly Phrase[]): string {
  return phrases
    .map((phrase) => {
      if ('strong' in phrase) return `**${escaped(phrase.strong)}**`;
      return escaped(phrase.text);
    })
    .join('');
}

/** Text that Markdown shows as it is. */
function escaped(text: string): string {
  return visible(text)
    .replace(/[\\`*_[\]<>|#]/g, (character) => (character === '<' ? '&lt;' : `\\${character}`))
    .replaceAll(/[\r\n]+/g, ' ');
}
