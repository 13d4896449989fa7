import {
  type Explainer,
  type Explanation,
  expectFinite,
  type Model,
  rows,
  type Services,
  type Split,
} from '@espalier/core';

// Images per call: few enough that their maps fit in memory, enough for the engine.
const imagesPerCall = 32;

/** Some images of one call, and the means to have them explained. */
export interface ExplainedBatch {
  readonly ids: readonly string[];
  readonly labels: readonly number[];
  /** @throws StudyError `core/values-not-finite`, naming the image */
  explain(model: Model, classIndex: readonly number[]): Promise<Explanation>;
}

export interface ExplainAgain {
  readonly explainer: Explainer;
  readonly images: Split;
  /** Which images. */
  readonly indices: readonly number[];
  /** How often each of them will be explained, for the progress shown. */
  readonly times: number;
  readonly services: Services;
}

/** Calls `work` for one batch of images after the other. */
export async function inBatches(
  { explainer, images, indices, times, services }: ExplainAgain,
  work: (batch: ExplainedBatch) => Promise<void>,
): Promise<void> {
  const total = indices.length * times;
  let done = 0;
  for (let start = 0; start < indices.length; start += imagesPerCall) {
    const chosen = indices.slice(start, start + imagesPerCall);
    const ids = chosen.map((index) => images.ids[index]!);
    const labels = chosen.map((index) => images.labels[index]!);
    const batch = await images.images(chosen);
    const explain = async (model: Model, classIndex: readonly number[]): Promise<Explanation> => {
      services.signal.throwIfAborted();
      const told = (some: number) => services.progress({ done: done + some, total, unit: 'explanations' });
      const explanation = await explainer.explain(model, batch, classIndex, told, ids);
      ids.forEach((id, i) => {
        expectFinite(rows(explanation.values, i, i + 1).data, `the attributions of "${id}", asked for again`);
      });
      told(ids.length);
      done += ids.length;
      return explanation;
    };
    await work({ ids, labels, explain });
  }
}
