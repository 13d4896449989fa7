import { join } from 'node:path';
import { visible } from '@espalier/files';
import { foldedTable, Html, html, page, table } from '@espalier/html';
import { writeDurably } from '@espalier/store';
import type { RecordedEvent } from '../../runs/recorded-event.ts';
import { findRun, type RunHeader, recordedEvents } from '../../runs/recorded-runs.ts';
import { counted, duration, memory } from '../../text/format.ts';
import { drawing, rateText } from './drawing.ts';
import { type Span, type Timeline, timelineOf } from './spans.ts';
import { styles } from './styles.ts';

/**
 * When which instance of a run was computed, and how fast, as one HTML page: a drawing, then the same in tables. It has
 * no script.
 */
export function timelinePage(run: Omit<RunHeader, 'store'>, events: readonly RecordedEvent[]): string {
  const timeline = timelineOf(events);
  const end = events.find((event) => event.type === 'run-finished');
  const { id, study, startedAt, command, instances } = run;
  const facts = [
    `${end?.status ?? 'unfinished'} after ${duration(end?.ms ?? timeline.ms)}`,
    counted(instances, 'instance'),
    study.profile === null ? '' : `profile ${study.profile}`,
    `started ${startedAt}`,
  ];
  const body = html`<main>
<header><h1>${study.name}: what ran when</h1>
<p>${facts.filter((fact) => fact !== '').join(' \u00b7 ')}</p><p><code>${command}</code></p></header>
${legend(timeline)}
<div class="scroll" role="region" aria-label="Timeline" tabindex="0">${new Html(drawing(timeline))}</div>
<h2>By node</h2>
${nodeTable(timeline.spans)}
<h2>By instance</h2>
${instanceTable(timeline.spans)}
</main>`;
  return visible(page({ title: `${study.name}: timeline of ${id}`, sheets: [styles], body }).text);
}

function legend({ spans }: Timeline): Html {
  const meanings: Record<Span['outcome'], string> = {
    computed: 'computed',
    cached: 'was in the store',
    failed: 'failed',
    skipped: 'skipped: what it needs had failed',
    computing: 'not finished when the record ends',
  };
  const items = Object.entries(meanings)
    .filter(([outcome]) => spans.some((span) => span.outcome === outcome))
    .map(([outcome, words]) => html`<li><i class="key ${outcome}" aria-hidden="true"></i>${words}</li>`);
  return html`<ul class="legend">${items}</ul>`;
}

function nodeTable(spans: readonly Span[]): Html {
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
  const caption = 'Times are of what was computed in this run: together, of the median instance and of the longest.';
  const head = [
    ...['Node', 'Computed', 'Cached', 'Failed', 'Skipped'],
    ...['Together', 'Median', 'Longest', 'Median rate', 'Most memory'],
  ];
  return table({ caption, head, rows }, 'By node');
}

/** The median of the rates, where all count the same. */
function medianRate(spans: readonly Span[]): Span['rate'] {
  const rates = spans.flatMap(({ rate }) => rate ?? []).sort((a, b) => a.perSecond - b.perSecond);
  if (new Set(rates.map(({ unit }) => unit)).size !== 1) return null;
  return rates[Math.floor(rates.length / 2)]!;
}

function instanceTable(spans: readonly Span[]): Html {
  const rows = spans.map((span) => {
    const { instance, outcome, start, end, attempts, pid, peakBytes, rate } = span;
    return [
      ...[instance, outcome, duration(start), end > start ? duration(end - start) : '\u2013'],
      rateText(rate) || '\u2013',
      peakBytes === null ? '\u2013' : memory(peakBytes),
      pid === null ? '\u2013' : `${pid}${attempts > 1 ? ` (attempt ${attempts})` : ''}`,
    ];
  });
  const caption = 'Every instance in the order in which it began; began is counted from the start of the run.';
  const head = ['Instance', 'Outcome', 'Began after', 'Took', 'Rate', 'Most memory', 'Process'];
  return foldedTable(counted(spans.length, 'instance'), { caption, head, rows });
}

/** Draws a run into `timeline.html` beside its record; returns the path. @throws StudyError `runner/run-unknown` for no record */
export async function writeTimeline(folder: string): Promise<string> {
  const run = await findRun(join(folder, '/'), folder);
  const file = join(folder, 'timeline.html');
  await writeDurably(file, Buffer.from(timelinePage(run, await recordedEvents(run))));
  return file;
}
