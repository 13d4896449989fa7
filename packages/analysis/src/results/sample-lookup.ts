import type { Scores } from '@espalier/core';
import type { ScoreResult } from './score-results.ts';

/** What a value belongs to. */
export interface SampleKey {
  /** Instance of the model. */
  readonly model: string;
  readonly explainer: string | null;
  readonly metric: string;
  readonly id: string;
}

export interface SampleValue {
  readonly value: number;
  readonly preset: string;
}

/** Values of a few samples, kept while the scores pass by; the first preset of a metric wins. */
export class SampleLookup {
  readonly #ids: ReadonlySet<string>;
  readonly #values = new Map<string, SampleValue>();

  constructor(ids: Iterable<string>) {
    this.#ids = new Set(ids);
  }

  add(scores: Scores, result: ScoreResult): void {
    if (scores.sample !== 'image' || !result.model || result.alternative !== null) return;
    const { metric, preset } = scores;
    const part = { model: result.model.origin.instance, explainer: result.explainer, metric };
    scores.ids.forEach((id, i) => {
      if (!this.#ids.has(id)) return;
      const key = keyText({ ...part, id });
      if (!this.#values.has(key)) this.#values.set(key, { value: scores.values[i]!, preset });
    });
  }

  get(key: SampleKey): SampleValue | null {
    return this.#values.get(keyText(key)) ?? null;
  }
}

function keyText({ model, explainer, metric, id }: SampleKey): string {
  return JSON.stringify([model, explainer, metric, id]);
}
