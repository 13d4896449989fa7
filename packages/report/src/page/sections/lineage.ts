import { type ClassLineage, count, decimal, type LineageResult, levelName } from '@espalier/analysis';
import type { Lineage } from '@espalier/concept-matching';
import { type Html, html, type Part, table } from '@espalier/html';
import { className, type PageData, severalVariants } from '../page-data.ts';
import { absent, section } from '../parts/section.ts';

/** Which concepts of the least sparse model live on at the other levels, class by class. */
export function lineageSection(data: PageData): Html {
  const nothing = absent('No concepts of several levels were connected to this report.');
  return section('matches', 'What becomes of the concepts', data.lineages.length > 0 ? lineageTables(data) : nothing);
}

function lineageTables(data: PageData): Html {
  const { lineages, lineageThreshold } = data;
  const classes = [...new Set(lineages.flatMap((one) => one.classes.map(({ classIndex }) => classIndex)))];
  const rows = classes.sort((a, b) => a - b).map((index) => [className(data, index), ...lineages.map(cellFor(index))]);
  const total = ['all classes', ...lineages.map(totalCell)];
  const head = ['Class', ...lineages.map((lineage) => columnHead(data, lineage))];
  const caption = html`Concepts of the least sparse model that live on. Two concepts count as one where the correlation of their codes over the same crops is at least ${decimal(lineageThreshold, 2)}, matched one to one; <i>r</i> is the mean over all matched pairs.`;
  return html`<p>Numbers of concepts mean nothing across models, and neither do their directions: concepts are matched by where they are strong. A concept merges when what it is most like is already another’s partner; it splits off when it is new and most like a concept that has a partner.</p>
${table({ caption, head, rows: rows.length > 1 ? [total, ...rows] : rows }, 'Concepts that live on, by class and sparsity')}
${pairsOf(data)}`;
}

function columnHead(data: PageData, { to, model }: LineageResult): Html {
  if (!model) return html`<code>${to}</code>`;
  const several = severalVariants(data.lineages);
  return html`${levelName(model)}${several && html`<span class="sub">${model.variant}</span>`}${model.seed !== null && html`<span class="sub">seed ${model.seed}</span>`}`;
}

function cellFor(classIndex: number): (lineage: LineageResult) => Part {
  return ({ classes }) => {
    const found = classes.find((one) => one.classIndex === classIndex);
    if (!found) return '\u2013';
    const { fate, conceptsBefore } = found;
    if (!fate) return html`<span class="none">other crops</span>`;
    return html`${fate.pairs.length} of ${conceptsBefore}<span class="sub">${fates(fate)}</span><span class="sub"><i>r</i> ${decimal(fate.similarity, 2)}</span>`;
  };
}

/** `1 merged, 2 died, 2 new` */
function fates({ merges, deaths, splits, births }: Lineage): string {
  const parts: (string | false)[] = [
    merges.length > 0 && `${merges.length} merged`,
    deaths.length > 0 && `${deaths.length} died`,
    splits.length > 0 && `${splits.length} split off`,
    births.length > 0 && `${births.length} new`,
  ];
  return parts.filter((part) => part !== false).join(', ') || 'all live on';
}

function totalCell({ classes }: LineageResult): Part {
  const known = classes.filter((one): one is ClassLineage & { fate: Lineage } => one.fate !== null);
  if (known.length === 0) return '\u2013';
  const sum = (of: (one: (typeof known)[number]) => number) => known.reduce((total, one) => total + of(one), 0);
  const similarity = sum(({ fate }) => fate.similarity) / known.length;
  return html`${sum(({ fate }) => fate.pairs.length)} of ${sum(({ conceptsBefore }) => conceptsBefore)}<span class="sub"><i>r</i> ${decimal(similarity, 2)}</span>`;
}

/** Every match from the least to the most sparse level, concept by concept. */
function pairsOf(data: PageData): Html {
  const lists = data.lineages.map(({ from, to, classes }) => {
    const items = classes.flatMap(({ classIndex, fate }) =>
      fate ? [html`<li>${className(data, classIndex)}: ${matchesText(fate)}</li>`] : [],
    );
    return html`<h4><code>${from}</code> to <code>${to}</code></h4><ul>${items}</ul>`;
  });
  return html`<details class="data"><summary>Every match of ${count(data.lineages.length, 'pair')} of models</summary>${lists}</details>`;
}

function matchesText({ pairs, merges, deaths, splits, births }: Lineage): string {
  const arrow = ({ from, to, similarity }: Lineage['pairs'][number]) =>
    `${from}\u2192${to} (${decimal(similarity, 2)})`;
  const part = (name: string, items: readonly string[]) => (items.length > 0 ? [`${name} ${items.join(', ')}`] : []);
  return [
    ...part('live on', pairs.map(arrow)),
    ...part('merge', merges.map(arrow)),
    ...part('die', deaths.map(String)),
    ...part('split off', splits.map(arrow)),
    ...part('new', births.map(String)),
  ].join('; ');
}
