import type { RecordedClaim, RecordedLevel, Results } from '@espalier/analysis';

/** A claim as results have it. */
export function madeClaim(changes: Partial<RecordedClaim> = {}): RecordedClaim {
  return {
    ...{ id: 'claim', family: 'endpoints', aspect: 'steadiness', metric: 'steadiness', name: 'Steadiness', unit: null },
    ...{ preset: 'corrected', settings: {}, explainer: null, labels: '', arm: 'pruned', imageSet: 'all' },
    ...{ against: { kind: 'dense' }, place: { kind: 'level', level: 0.5 } },
    ...{ difference: 0.1, interval: [0.05, 0.15], margin: null, verdict: 'different', why: null },
    ...changes,
  };
}

/** A measure at one level as results have it. */
export function madeLevel(position: number, mean: number, changes: Partial<RecordedLevel> = {}): RecordedLevel {
  return {
    ...{ metric: 'steadiness', name: 'Steadiness', unit: null, preset: 'corrected', variant: 'pruned' },
    ...{ explainer: null, definition: '', sparsity: { nominal: position, position }, mean, half: 0.1, curve: null },
    ...changes,
  };
}

const study = {
  apiVersion: 'study/v1',
  name: 'made',
  plugins: {},
  seed: 1,
  params: { epochs: 2 },
  nodes: { dense: { use: 'core/train', with: { epochs: { $param: 'epochs' } } } },
};

/** Results with a study of one node. */
export function madeResults(changes: Partial<Results> = {}): Results {
  return {
    study: { name: 'made', digest: 'd'.repeat(64), profile: null, text: JSON.stringify(study) },
    ...{ params: { epochs: 2 }, seed: 1, numerics: null, plugins: [], recipes: [], datasets: {}, explainers: {} },
    ...{ missing: [], claims: { claims: [madeClaim()] }, levels: [] },
    ...changes,
  };
}

/** The text of a file of results. */
export function resultsText(results: object): string {
  return JSON.stringify({ format: 'espalier-results/v2', ...results });
}
