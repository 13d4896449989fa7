import { areaOverCurve } from '@espalier/metrics';
import { readPublished } from '@espalier/report';
import { describe, expect, test } from 'vitest';

const { series, curves } = readPublished('@espalier/paper-2025/published.json', '.');

const explainers = ['Vanilla Gradients', 'Integrated Gradients'];

/** The published values of a metric and explainer, by level. */
function valuesOf(metric: string, explainer: string, as: string): ReadonlyMap<number, number> {
  return new Map(
    series.find((line) => line.metric === metric && line.explainer === explainer && line.as === as)!.points,
  );
}

describe.each(explainers)('%s', (explainer) => {
  const levels = curves.find((those) => those.explainer === explainer)!.levels;

  test('the printed curves give the published AOPC to six digits', () => {
    const published = valuesOf('road-aopc', explainer, 'published');
    expect(levels.map(({ level }) => level)).toEqual([...published.keys()]);
    // Both are printed with six digits: nine differences of two rounded values, over 11, may be 0.8e-6 off.
    for (const { level, values } of levels)
      expect(Math.abs(areaOverCurve(values, 'first-level') - published.get(level)!)).toBeLessThan(1e-6);
  });

  test('counted from accuracy 1 at nothing removed, as the corrected area is, they give the area recounted', () => {
    const recounted = valuesOf('road-aopc', explainer, 'recounted from accuracy 1');
    for (const { level, values } of levels)
      expect(recounted.get(level)).toBeCloseTo(areaOverCurve([1, ...values], 'unmodified'), 6);
  });
});

test('counting from accuracy 1 turns an order that the paper printed', () => {
  const [published, recounted] = ['published', 'recounted from accuracy 1'].map((as) =>
    valuesOf('road-aopc', 'Integrated Gradients', as),
  );
  expect(published!.get(0)).toBeLessThan(published!.get(0.2)!);
  expect(recounted!.get(0)).toBeGreaterThan(recounted!.get(0.2)!);
});
