import type { Scores } from '@espalier/core';
import type { ModelRecord } from '../study/models.ts';
import type { ScoreResult } from './score-results.ts';

/** A model's answer to one image; class and probability are null where only its correctness is known. */
export interface ImageAnswer {
  readonly isCorrect: boolean;
  readonly classIndex: number | null;
  readonly probability: number | null;
}

/** Scores of a few images, kept while all scores pass by; the first preset of a metric wins. */
export class SampleLookup {
  readonly #ids: ReadonlySet<string>;
  readonly #values = new Map<string, number>();
  readonly #answers = new Map<string, ImageAnswer>();
  readonly #scores = new Map<string, { readonly result: ScoreResult; readonly isCorrectness: true | undefined }>();

  constructor(ids: Iterable<string>) {
    this.#ids = new Set(ids);
  }

  add({ ids, values, isCorrectness, answers }: Scores, result: ScoreResult): void {
    const { model, explainer, metric, preset } = result;
    if (result.sample !== 'image' || !model || result.alternative !== null) return;
    const first = this.#scores.get(JSON.stringify([explainer, metric]));
    if (!first) this.#scores.set(JSON.stringify([explainer, metric]), { result, isCorrectness });
    else if (first.result.preset !== preset) return;
    for (const [i, id] of ids.entries()) {
      if (!this.#ids.has(id)) continue;
      this.#values.set(keyText(model, id, result), values[i]!);
      if (!isCorrectness) continue;
      const [classIndex, probability] = [answers?.classes[i] ?? null, answers?.probabilities[i] ?? null];
      this.#answers.set(keyText(model, id), { isCorrect: values[i] === 1, classIndex, probability });
    }
  }

  /** What the model answers the image; null where no score says it. */
  answerOf(model: ModelRecord, id: string): ImageAnswer | null {
    return this.#answers.get(keyText(model, id)) ?? null;
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
