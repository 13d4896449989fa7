import { createHash } from 'node:crypto';
import { entity } from '@espalier/study';
import type { RecordedEvent } from '../../runs/recorded-event.ts';
import type { RunHeader } from '../../runs/recorded-runs.ts';
import { counted, duration, memory } from '../../text/format.ts';
import { drawing, rateText } from './drawing.ts';
import { type Span, type Timeline, timelineOf } from './spans.ts';
import { styles } from './styles.ts';

/**
 * When which instance of a run was computed, and how fast, as one HTML page: a drawing, then the same in tables. It has
 * no script, and its content security policy allows its own style sheet and nothing else.
 */
export function timelinePage(run: Omit<RunHeader, 'store'>, events: readonly RecordedEvent[]): string {
  const timeline = timelineOf(events);
  const end = events.find((event) => event.type === 'run-finished');
  const hash = createHash('sha256').update(styles).digest('base64');
  const { id, study, startedAt, command, instances } = run;
  const facts = [
    `${end?.status ?? 'unfinished'} after ${duration(end?.ms ?? timeline.ms)}`,
    counted(instances, 'instance'),
    study.profile === null ? '' : `profile ${study.profile}`,
    `started ${startedAt}`,
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${entity(study.name)}: timeline of ${entity(id)}</title>
<style>${styles}</style>
</head>
<body>
<main>
<header><h1>${entity(study.name)}: what ran when</h1>
<p>${entity(facts.filter((fact) => fact !== '').join(' \u00b7 '))}</p><p><code>${entity(command)}</code></p></header>
${legend(timeline)}
<div class="scroll" role="region" aria-label="Timeline" tabindex="0">${drawing(timeline)}</div>
<h2>By node</h2>
${nodeTable(timeline.spans)}
<h2>By instance</h2>
${instanceTable(timeline.spans)}
</main>
</body>
</html>
`;
}

function legend({ spans }: Timeline): string {
  const meanings: Record<Span['outcome'], string> = {
    computed: 'computed',
    cached: 'was in the store',
    failed: 'failed',
    skipped: 'skipped: what it needs had failed',
    computing: 'not finished when the record ends',
  };
  const items = Object.entries(meanings)
    .filter(([outcome]) => spans.some((span) => span.outcome === outcome))
    .map(([outcome, words]) => `<li><i class="key ${outcome}" aria-hidden="true"></i>${words}</li>`);
  return `<ul class="legend">${items.join('')}</ul>`;
}

function nodeTable(spans: readonly Span[]): string {
  const rows = [...new Set(spans.map(({ node }) => node))].map((node) => {
    const own = spans.filter((span) => span.node === node);
    const computed = own.filter(({ outcome }) => outcome === 'computed');
    const count = (outcome: Span['outcome']) => String(own.filter((span) => span.outcome === outcome).length);
    const times = computed.map(({ start, end }) => end - start).sort((a, b) => a - b);
    const peak = Math.max(0, ...own.map(({ peakBytes }) => peakBytes ?? 0));
    return [
      ...[node, count('computed'), count('cached'), count('failed'), count('skipped')],
      times.length === 0 ? '\u2013' : duration(times.reduce((sum, time) => sum + time, 0)),
      times.length === 0 ? '\u2013' : duration(times[Math.floor(times.length / 2)]!),
      times.length === 0 ? '\u2013' : duration(times.at(-1)!),
      rateText(medianRate(computed)) || '\u2013',
      peak === 0 ? '\u2013' : memory(peak),
    ];
  });
  return table({
    caption: 'Times are of what was computed in this run: together, of the median instance and of the longest.',
    head: [
      ...['Node', 'Computed', 'Cached', 'Failed', 'Skipped'],
      ...['Together', 'Median', 'Longest', 'Median rate', 'Most memory'],
    ],
    rows,
  });
}

/** The median of the rates, where all count the same. */
function medianRate(spans: readonly Span[]): Span['rate'] {
  const rates = spans.flatMap(({ rate }) => rate ?? []).sort((a, b) => a.perSecond - b.perSecond);
  if (new Set(rates.map(({ unit }) => unit)).size !== 1) return null;
  return rates[Math.floor(rates.length / 2)]!;
}

function instanceTable(spans: readonly Span[]): string {
  const rows = spans.map((span) => {
    const { instance, outcome, start, end, attempts, pid, peakBytes, rate } = span;
    return [
      ...[instance, outcome, duration(start), end > start ? duration(end - start) : '\u2013'],
      rateText(rate) || '\u2013',
      peakBytes === null ? '\u2013' : memory(peakBytes),
      pid === null ? '\u2013' : `${pid}${attempts > 1 ? ` (attempt ${attempts})` : ''}`,
    ];
  });
  const content = table({
    caption: 'Every instance in the order in which it began; began is counted from the start of the run.',
    head: ['Instance', 'Outcome', 'Began after', 'Took', 'Rate', 'Most memory', 'Process'],
    rows,
  });
  return `<details><summary>${counted(spans.length, 'instance')}</summary>${content}</details>`;
}

interface Table {
  readonly caption: string;
  readonly head: readonly string[];
  /** Text; the first cell of a row names it. */
  readonly rows: readonly (readonly string[])[];
}

function table({ caption, head, rows }: Table): string {
  const heads = head.map((name) => `<th scope="col">${entity(name)}</th>`).join('');
  const lines = rows.map(
    ([first, ...rest]) =>
      `<tr><th scope="row">${entity(first ?? '')}</th>${rest.map((cell) => `<td>${entity(cell)}</td>`).join('')}</tr>`,
  );
  return `<div class="scroll" role="region" aria-label="${entity(caption)}" tabindex="0"><table><caption>${entity(caption)}</caption><thead><tr>${heads}</tr></thead><tbody>${lines.join('\n')}</tbody></table></div>`;
}
