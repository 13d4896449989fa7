import { expectFinite, type Model, rows, type Services, type Split } from '@espalier/core';

/**
 * Calls `score` with the logits and the label of every image of `images`, in order, and returns what it returned.
 *
 * Images are loaded 64 at a time, so memory does not grow with the split.
 *
 * @throws StudyError `core/values-not-finite` when the model predicts NaN or infinity.
 */
export async function predictSplit<Score>(
  model: Model,
  images: Split,
  services: Services,
  score: (logits: Float32Array, label: number) => Score,
): Promise<Score[]> {
  const total = images.ids.length;
  const scores: Score[] = [];
  for (let start = 0; start < total; start += 64) {
    services.signal.throwIfAborted();
    const indices = Array.from({ length: Math.min(64, total - start) }, (_, i) => start + i);
    const logits = await model.predict(await images.images(indices));
    for (const [row, index] of indices.entries()) {
      const values = rows(logits, row, row + 1).data;
      expectFinite(values, `the logits of "${images.ids[index]}"`);
      scores.push(score(values, images.labels[index]!));
    }
    services.progress({ done: start + indices.length, total, unit: 'images' });
  }
  return scores;
}
