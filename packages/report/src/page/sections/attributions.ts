import { levelName, percent, valueText } from '@espalier/analysis';
import { channelReductionWords } from '@espalier/core';
import { type Html, html, type Part } from '@espalier/html';
import { type AttributionColumn, colourLimitQuantile, type GalleryPhoto } from '../../gallery/attribution-gallery.ts';
import { className, type PageData, severalVariants } from '../page-data.ts';
import { choice } from '../parts/choice.ts';
import { paintLegend } from '../parts/legend.ts';
import { absent, section } from '../parts/section.ts';

/** The maps of every chosen image: models side by side, explainers and signs below each other. */
export function attributionsSection(data: PageData): Html {
  const { photos, columns } = data.gallery;
  if (columns.length === 0 || photos.length === 0) {
    const nothing = 'No attributions were connected to this report, so there are no maps to show.';
    return section('attributions', 'Attributions', absent(nothing));
  }
  const seed = columns[0]!.model?.seed ?? null;
  const content = html`<p>${photos.length} of ${data.explained} explained images, taken class by class in the order of the split, not by how they look. ${seed === null ? '' : `Models of seed ${seed}.`} The colours of each map end at the ${percent(colourLimitQuantile, 0)} quantile of its own absolute values, so maps compare in shape, not in strength.</p>
<div class="scales">${paintLegend('signed')}${paintLegend('magnitude')}</div>
${controls(data)}
${photos.map((photo, i) => sample(data, photo, i))}`;
  return section('attributions', 'Attributions', content, data.gallery.coarse && html` class="coarse"`);
}

function controls(data: PageData): Html {
  const explainers = explainersOf(data);
  const arms = armsOf(data);
  const thumbnails = data.gallery.photos.map((photo, i) => ({
    value: String(i),
    label: html`<span class="photo photo-${i} thumb"></span><span class="visually-hidden">${className(data, photo.label)}, ${photo.id}</span>`,
  }));
  return html`<form class="controls" hidden>
${choice('sample', 'Image', [...thumbnails, { value: '*', label: 'all' }])}
<div class="control-row">
${arms.length > 1 && choice('arm', 'Models', [...arms.map((arm) => ({ value: arm, label: arm })), { value: '*', label: 'all' }])}
${explainers.length > 1 && choice('explainer', 'Explainer', [{ value: '*', label: 'all' }, ...explainers.map((label, i) => ({ value: String(i), label: data.explainers.get(label) ?? label }))])}
${choice('sign', 'Map', [
  { value: '*', label: 'both' },
  { value: 'signed', label: 'signed' },
  { value: 'magnitude', label: 'absolute' },
])}
${choice('view', 'Show', [
  { value: 'map', label: 'map' },
  { value: 'overlay', label: 'over the image' },
])}
</div></form>`;
}

/** The arms that have maps, the treated one first. */
function armsOf({ gallery, treatment }: PageData): string[] {
  const present = new Set(gallery.columns.map(armOf).filter((arm) => arm !== null));
  return [...present].sort((a, b) => Number(b === treatment) - Number(a === treatment));
}

function armOf({ model }: AttributionColumn): string | null {
  return model?.arm === undefined || model.arm === null ? null : String(model.arm);
}

/** Marks a cell as one arm's, so that the choice of models can hide it. */
function armMark(column: AttributionColumn): Html | null {
  const arm = armOf(column);
  return arm === null ? null : html` data-arm="${arm}"`;
}

function explainersOf({ gallery, explainers }: PageData): string[] {
  const present = new Set(gallery.columns.map(({ explainer }) => explainer));
  return [...explainers.keys()].filter((label) => present.has(label));
}

function sample(data: PageData, photo: GalleryPhoto, index: number): Html {
  const columns = data.gallery.columns.filter(({ tiles }) => tiles.has(photo.id));
  const models = [...new Map(columns.map((column) => [modelKey(column), column])).values()];
  const name = className(data, photo.label);
  const bodies = explainersOf(data).map((explainer, i) =>
    explainerRows(data, { photo, index, explainer, place: i, models }),
  );
  return html`<article class="sample" data-sample="${index}" aria-labelledby="sample-${index}-title">
<header><div class="photo photo-${index}" role="img" aria-label="Photograph of ${name}"></div>
<div><h3 id="sample-${index}-title">${name}</h3><p><code>${photo.id}</code></p><p>${explainedText(data, photo, columns)}</p></div></header>
<div class="scroll" role="region" aria-label="Maps of ${name}, ${photo.id}" tabindex="0">
<table class="tiles"><caption class="visually-hidden">Maps of ${photo.id} by explainer and model</caption>
<thead><tr><th scope="col">Map</th>${models.map((column) => html`<th scope="col"${armMark(column)}>${columnHead(data, column, photo)}</th>`)}</tr></thead>
${bodies}</table></div></article>`;
}

/** A column is a model; without models, an attribution instance stands for one. */
function modelKey(column: AttributionColumn): string {
  return column.model?.origin.instance ?? column.instance;
}

function explainedText(data: PageData, photo: GalleryPhoto, columns: readonly AttributionColumn[]): string {
  const classes = [...new Set(columns.map(({ tiles }) => tiles.get(photo.id)!.classIndex))];
  return `explained class: ${classes.map((index) => className(data, index)).join(', ')}`;
}

function columnHead(data: PageData, column: AttributionColumn, photo: GalleryPhoto): Html {
  const { model } = column;
  const several = severalVariants(data.gallery.columns);
  const isCorrect = model && data.lookup.isCorrect(model, photo.id);
  const verdict =
    isCorrect !== null &&
    (isCorrect ? html`<span class="sub good">\u2713 correct</span>` : html`<span class="sub bad">\u2717 wrong</span>`);
  return html`${model ? levelName(model) : column.instance}${several && model && html`<span class="sub">${model.variant}</span>`}${verdict}`;
}

interface Rows {
  readonly photo: GalleryPhoto;
  readonly index: number;
  readonly explainer: string;
  readonly place: number;
  readonly models: readonly AttributionColumn[];
}

function explainerRows(data: PageData, of: Rows): Html {
  const cells = of.models.map((model) => {
    return data.gallery.columns.find(
      (column) => column.explainer === of.explainer && modelKey(column) === modelKey(model),
    );
  });
  const first = cells.find((column) => column);
  const name = data.explainers.get(of.explainer) ?? of.explainer;
  const row = (sign: 'signed' | 'magnitude', text: string) =>
    html`<tr data-sign="${sign}"><th scope="row">${name}<span class="sub">${text}</span>${first && html`<code class="preset">${first.preset}</code>`}</th>${cells.map((column, i) => html`<td${armMark(of.models[i]!)}>${tile(data, of, column, sign)}</td>`)}</tr>`;
  return html`<tbody data-explainer="${of.place}">
${row('signed', 'signed, summed over channels')}
${row('magnitude', first ? channelReductionWords[first.reduction] : 'absolute')}
${measures(data, of, cells)}</tbody>`;
}

function tile(
  data: PageData,
  { photo, index }: Rows,
  column: AttributionColumn | undefined,
  sign: 'signed' | 'magnitude',
): Part {
  const found = column?.tiles.get(photo.id);
  if (!column || !found) return html`<span class="none">none</span>`;
  const name = data.explainers.get(column.explainer) ?? column.explainer;
  const level = column.model ? levelName(column.model) : column.instance;
  const text = `${name}, ${sign === 'signed' ? 'signed' : 'absolute'}, sparsity ${level}`;
  return html`<button type="button" class="tile ${sign} photo-${index}" aria-haspopup="dialog"><img src="${found[sign]}" alt="${text}: ${className(data, found.classIndex)}" decoding="async"></button>`;
}

/** What the metrics say about exactly these maps. */
function measures(
  data: PageData,
  { photo, explainer, models }: Rows,
  cells: readonly (AttributionColumn | undefined)[],
): Html[] {
  return data.lookup.scoresOf(explainer).flatMap((score) => {
    const values = cells.map((column) => (column?.model ? data.lookup.valueOf(column.model, photo.id, score) : null));
    if (values.every((value) => value === null)) return [];
    const numbers = values.map(
      (value, i) => html`<td${armMark(models[i]!)}>${value === null ? '\u2013' : valueText(score, value)}</td>`,
    );
    return [
      html`<tr class="measure"><th scope="row">${score.words.name} <code class="preset">${score.preset}</code></th>${numbers}</tr>`,
    ];
  });
}

/** CSS that holds each photograph once; tiles and thumbnails show it as their background. */
export function photoStyles({ gallery }: PageData): string {
  return gallery.photos.map(({ uri }, i) => `.photo-${i}{background-image:url(${uri})}`).join('\n');
}
