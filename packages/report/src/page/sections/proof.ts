import { fixedPercent, levelName, type ModelRecord, percent, whole } from '@espalier/analysis';
import { type Html, html, table } from '@espalier/html';
import type { PageData } from '../page-data.ts';
import { digestCode } from '../parts/digest-code.ts';
import { absent, section } from '../parts/section.ts';
import { sparsityWords } from './sparsity-words.ts';

/** How sparse each model really is, in total and layer by layer, counted from its weights. */
export function proofSection({ models }: PageData): Html {
  const title = 'Sparsity proof';
  if (models.length === 0)
    return section('proof', title, absent('No models were connected to this report, so no sparsity could be counted.'));
  const content = html`<p>Zeros counted in the weights as they were evaluated, after all training. A label is held against the weights that the model’s pruner considered; the next columns count all convolution and dense kernels, and all trained parameters, biases and normalisation included.</p>
${words(models)}
${totals(models)}
${layers(models)}`;
  return section('proof', title, content);
}

/** Every model that is not what its label or its masks say, in a sentence each. */
function words(models: readonly ModelRecord[]): Html | null {
  const said = models.map(sparsityWords).filter((text) => text !== null);
  return said.length === 0 ? null : html`<ul>${said.map((text) => html`<li>${text}</li>`)}</ul>`;
}

function totals(models: readonly ModelRecord[]): Html {
  const rows = models.map((model) => {
    const { origin, nominal, counted, considered, labelHolds, isMatched, summary } = model;
    const { claim } = summary.proof;
    const verdict = isMatched
      ? 'not pruned: stands beside it'
      : !labelHolds
        ? html`<strong class="bad">disagrees</strong>`
        : nominal === null
          ? 'no label'
          : claim?.isNominal
            ? html`<span class="good">as its masks</span><span class="sub">the label names a level that they need not meet</span>`
            : html`<span class="good">agrees</span>`;
    return [
      html`<code>${origin.instance}</code>`,
      nominal === null ? '\u2013' : percent(nominal),
      claim
        ? html`<code class="preset">${claim.preset}</code><span class="sub">${percent(claim.removed)}, ${claim.held ? 'enforced' : 'not enforced'}</span>`
        : '\u2013',
      fixedPercent(considered, 4),
      verdict,
      fixedPercent(counted, 4),
      fixedPercent(summary.proof.parameterSparsity, 4),
      whole(summary.proof.kernels.reduce((sum, { nonzero }) => sum + nonzero, 0)),
      digestCode(summary.proof.maskDigest),
    ];
  });
  const head = [
    'Model',
    'Label',
    'Masks',
    'Considered, counted',
    'Verdict',
    'All kernels',
    'All parameters',
    'Kernel weights left',
    'Mask digest',
  ];
  return table({ caption: 'Nominal and counted sparsity of every model', head, rows }, 'Sparsity of every model');
}

/** Kernels as rows, models as columns: a bar in the cell shows how much of the layer is gone. */
function layers(models: readonly ModelRecord[]): Html {
  const names = [...new Set(models.flatMap(({ summary }) => summary.proof.kernels.map(({ name }) => name)))];
  const shown = models.length > 12 ? firstOfEachLevel(models) : models;
  const rows = names.map((name) => {
    const sizes = shown.map(({ summary }) => summary.proof.kernels.find((kernel) => kernel.name === name));
    const total = sizes.find((kernel) => kernel)?.total ?? 0;
    const cells = sizes.map((kernel) => {
      if (!kernel) return '\u2013';
      const sparsity = 1 - kernel.nonzero / Math.max(1, kernel.total);
      return html`<span class="cell shade-${Math.round(20 * sparsity)}">${fixedPercent(sparsity)}</span>`;
    });
    return [html`<code>${name}</code>`, whole(total), ...cells];
  });
  const head = ['Kernel', 'Weights', ...shown.map(modelHead)];
  const left =
    shown.length < models.length ? ` The ${shown.length} models of the first seed; results.json has all.` : '';
  return html`<details class="data"><summary>Layer by layer</summary>
${table({ caption: `Counted sparsity of every kernel.${left}`, head, rows }, 'Sparsity layer by layer')}</details>`;
}

/** The model's counted sparsity, with its instance for whoever looks closer. */
function modelHead(model: ModelRecord): Html {
  return html`<span title="${model.origin.instance}">${levelName(model)}</span>${model.seed !== null && html`<span class="sub">seed ${model.seed}</span>`}<span class="sub">${model.variant}</span>`;
}

function firstOfEachLevel(models: readonly ModelRecord[]): ModelRecord[] {
  const seed = models.find((model) => model.seed !== null)?.seed ?? null;
  return models.filter((model) => model.seed === null || model.seed === seed);
}
