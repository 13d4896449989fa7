import {
  inheritedEpochs,
  type Level,
  levelKey,
  levelName,
  levelsOf,
  type ModelRecord,
  percent,
  significant,
} from '@espalier/analysis';
import type { EpochRecord } from '@espalier/core';
import { foldedTable, type Html, html } from '@espalier/html';
import { lineChart } from '../../charts/line-chart.ts';
import { paddedDomain, type Series } from '../../charts/series.ts';
import type { PageData } from '../page-data.ts';
import { legend } from '../parts/legend.ts';
import { levelColour } from '../parts/level-colours.ts';
import { absent, section } from '../parts/section.ts';
import { selectionLeaks, selectionWords } from './sparsity-words.ts';

/** Loss and accuracy on the training images, epoch by epoch. */
export async function trainingSection(data: PageData): Promise<Html> {
  const trained = data.models.filter(({ summary }) => summary.history.length > 0);
  const nothing = absent('No model of this run has a training history.');
  const figure = trained.length > 0 ? await trainingFigure(data, trained) : nothing;
  return section('training', 'Training', [leaks(trained), figure]);
}

/** Says of which models the best epoch was chosen on images that evaluation sees again. */
function leaks(models: readonly ModelRecord[]): Html | null {
  const leaking = models.filter(selectionLeaks);
  if (leaking.length === 0) return null;
  const names = leaking.map(({ origin }, i) => html`${i > 0 && ', '}<code>${origin.instance}</code>`);
  return html`<p class="warning" role="note">The epoch of ${names} was chosen by accuracy on <code>${leaking[0]!.summary.selected!.split}</code>, the images that evaluation sees again: a leak, by which accuracy there is too high.</p>`;
}

async function trainingFigure(data: PageData, models: readonly ModelRecord[]): Promise<Html> {
  const levels = levelsOf(...data.models, ...data.levels);
  const histories = models.map(({ summary }) => summary.history);
  const lineFor = (value: EpochValue) => models.map((model) => lineOf(model, { levels, histories, value }));
  const loss = lineFor((epoch) => epoch.loss);
  const accuracy = lineFor((epoch) => epoch.accuracy);
  const epochs = Math.max(...models.map(({ summary }) => summary.history.length));
  const thin = models.length > 8;
  const names = [...new Map(loss.map((line) => [line.name, line])).values()];
  const panel = async (title: string, series: readonly Series[], format: string) => {
    const y = series.flatMap(({ points }) => points.map((point) => point.y));
    const drawing = await lineChart({
      label: `${title} per epoch for ${series.length} models. The last values are in the table below.`,
      series,
      x: { title: 'epoch', domain: [1, Math.max(2, epochs)], format: 'd' },
      y: { title, domain: paddedDomain(y, 0.02), format },
      points: !thin && epochs <= 12,
      thin,
    });
    return html`<div class="panel"><h3>${title}</h3>${drawing}</div>`;
  };
  return html`<figure class="plate broad" id="training-curves" aria-label="Training curves">
<div class="panels">${await panel('Training loss', loss, '.2f')}${await panel('Training accuracy', accuracy, '.0%')}</div>
${legend(names, false)}
<figcaption>Means over the augmented images of each epoch; lines of one colour are the seeds of one level. A pruned model’s line starts at the end of the model that it was pruned from.</figcaption>
${trainingTable(models)}
</figure>`;
}

type EpochValue = (epoch: EpochRecord) => number;

interface LineParts {
  readonly levels: readonly Level[];
  readonly histories: readonly (readonly EpochRecord[])[];
  readonly value: EpochValue;
}

function lineOf(model: ModelRecord, { levels, histories, value }: LineParts): Series {
  const place = levels.find(({ key }) => key === levelKey(model))!;
  const { history } = model.summary;
  const points = history.map((epoch, i) => ({ x: i + 1, y: value(epoch), low: 0, high: 0 }));
  const own = points.slice(Math.max(0, inheritedEpochs(history, histories) - 1));
  return { name: levelName(model), colour: levelColour(place), shape: 'circle', dash: null, points: own };
}

function trainingTable(models: readonly ModelRecord[]): Html {
  const rows = models.map((model) => {
    const { origin, summary } = model;
    const { history } = summary;
    const [first, last] = [history[0]!, history.at(-1)!];
    return [
      html`<code>${origin.instance}</code>`,
      String(history.length),
      significant(first.loss),
      significant(last.loss),
      percent(last.accuracy, 1),
      significant(last.learningRate),
      selectionWords(model),
    ];
  });
  return foldedTable('Data: training', {
    caption: 'First and last epoch of every model',
    head: ['Model', 'Epochs', 'First loss', 'Last loss', 'Last training accuracy', 'Last learning rate', 'Kept'],
    rows,
  });
}
