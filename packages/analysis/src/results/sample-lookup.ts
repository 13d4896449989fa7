import type { Scores } from '@espalier/core';
import type { ModelRecord } from '../study/models.ts';
import type { ScoreResult } from './score-results.ts';

/** Scores of a few images, kept while all scores pass by; the first preset of a metric wins. */
export class SampleLookup {
  readonly #ids: ReadonlySet<string>;
  readonly #values = new Map<string, number>();
  readonly #correct = new Map<string, boolean>();
  readonly #scores = new Map<string, { readonly result: ScoreResult; readonly isCorrectness: true | undefined }>();

  constructor(ids: Iterable<string>) {
    this.#ids = new Set(ids);
  }

  add({ ids, values, isCorrectness }: Scores, result: ScoreResult): void {
    const { model, explainer, metric, preset } = result;
    if (result.sample !== 'image' || !model || result.alternative !== null) return;
    const first = this.#scores.get(JSON.stringify([explainer, metric]));
    if (!first) this.#scores.set(JSON.stringify([explainer, metric]), { result, isCorrectness });
    else if (first.result.preset !== preset) return;
    for (const [i, id] of ids.entries()) {
      if (!this.#ids.has(id)) continue;
      this.#values.set(keyText(model, id, result), values[i]!);
      if (isCorrectness) this.#correct.set(keyText(model, id), values[i] === 1);
    }
  }

  /** Whether the model answers the image correctly; null where no score says it. */
  isCorrect(model: ModelRecord, id: string): boolean | null {
    return this.#correct.get(keyText(model, id)) ?? null;
  }

  /** One result for each primary score of the explainer's maps; of no explainer, for each of the models' answers but correctness. */
  scoresOf(explainer: string | null): ScoreResult[] {
    const shown = [...this.#scores.values()].filter(({ isCorrectness }) => !isCorrectness);
    return shown.map(({ result }) => result).filter((one) => one.explainer === explainer && one.role === 'primary');
  }

  valueOf(model: ModelRecord, id: string, score: ScoreResult): number | null {
    return this.#values.get(keyText(model, id, score)) ?? null;
  }
}

function keyText({ origin }: ModelRecord, id: string, score?: ScoreResult): string {
  return JSON.stringify([origin.instance, id, score?.explainer, score?.metric]);
}
