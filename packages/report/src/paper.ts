/** One pruning label of the paper: its tables and its ROAD curves. */
export interface PaperLevel {
  /** The label, a fraction. The released code does not hold its masks, so it is not a counted sparsity. */
  readonly sparsity: number;
  readonly accuracy: number;
  readonly sparseness: PaperPair;
  readonly aopc: PaperPair;
  /** AOPC recomputed from the printed curves, counting from accuracy 1 at nothing removed. */
  readonly aopcFromOne: PaperPair;
  /** Accuracy at 1, 11, ..., 91 % of the pixels removed. */
  readonly curve: { readonly vg: readonly number[]; readonly ig: readonly number[] };
}

export interface PaperPair {
  readonly vg: number;
  readonly ig: number;
}

export type PaperExplainer = keyof PaperPair;

/** Where the numbers come from, and what a reader must know before comparing. */
export const paperSource = {
  title: 'Do Sparse Subnetworks Exhibit Cognitively Aligned Attention? (arXiv 2509.21387)',
  url: 'https://arxiv.org/abs/2509.21387',
  caveat:
    'The paper’s numbers are of ResNet-18 on ImageNette, from one seed without intervals; its levels are labels, not counted sparsities ' +
    '(the released code does not hold its masks while training), its dense and pruned models were trained with ' +
    'different schedules, its ROAD images are those that each model gets right, and its AOPC counts from the accuracy at 1\u202f% removed.',
} as const;

/** Fraction of pixels removed at each point of the paper's curves. */
export const paperRemoved = [0.01, 0.11, 0.21, 0.31, 0.41, 0.51, 0.61, 0.71, 0.81, 0.91] as const;

const table = [
  [0, 0.8415, 0.42252, 0.588636, 0.263538, 0.388436],
  [0.1, 0.8308, 0.468371, 0.606689, 0.30368, 0.375539],
  [0.2, 0.8431, 0.45473, 0.611226, 0.305445, 0.391512],
  [0.3, 0.8558, 0.454155, 0.609355, 0.30325, 0.400534],
  [0.5, 0.8441, 0.443886, 0.599905, 0.286284, 0.410098],
  [0.7, 0.8349, 0.448055, 0.596, 0.294976, 0.426422],
] as const;

const curves = {
  vg: [
    [0.985419, 0.930262, 0.885525, 0.827575, 0.768653, 0.700326, 0.616715, 0.51891, 0.419463, 0.302423],
    [0.979921, 0.913698, 0.863716, 0.800649, 0.723759, 0.627657, 0.536206, 0.43229, 0.329186, 0.251644],
    [0.981532, 0.916264, 0.855004, 0.789595, 0.714371, 0.617002, 0.53577, 0.440189, 0.340971, 0.264728],
    [0.982026, 0.927467, 0.872892, 0.80382, 0.723043, 0.639483, 0.534127, 0.425642, 0.332509, 0.243501],
    [0.983563, 0.934221, 0.882105, 0.825504, 0.754656, 0.661987, 0.56305, 0.465771, 0.358833, 0.256816],
    [0.98604, 0.938057, 0.885951, 0.825468, 0.747534, 0.651121, 0.547729, 0.446885, 0.342032, 0.244841],
  ],
  ig: [
    [0.904803, 0.585172, 0.48175, 0.430654, 0.410995, 0.402295, 0.403494, 0.399242, 0.387516, 0.369316],
    [0.910602, 0.637065, 0.529288, 0.469835, 0.442806, 0.430197, 0.418079, 0.401988, 0.373907, 0.361321],
    [0.914464, 0.617769, 0.507405, 0.457957, 0.428525, 0.412857, 0.40367, 0.379726, 0.360316, 0.35532],
    [0.911713, 0.610815, 0.491291, 0.440076, 0.414762, 0.398935, 0.388585, 0.375329, 0.354659, 0.325093],
    [0.912659, 0.584436, 0.468851, 0.420809, 0.396319, 0.38647, 0.382326, 0.374776, 0.351054, 0.337812],
    [0.897717, 0.556327, 0.433423, 0.375128, 0.350433, 0.346141, 0.339913, 0.330392, 0.331922, 0.325137],
  ],
} as const;

/** The paper's six models, from the notebooks of its released code. */
export const paperLevels: readonly PaperLevel[] = table.map(
  ([sparsity, accuracy, giniVg, giniIg, aopcVg, aopcIg], i) => ({
    sparsity,
    accuracy,
    sparseness: { vg: giniVg, ig: giniIg },
    aopc: { vg: aopcVg, ig: aopcIg },
    aopcFromOne: { vg: areaOver(curves.vg[i]!, 1), ig: areaOver(curves.ig[i]!, 1) },
    curve: { vg: curves.vg[i]!, ig: curves.ig[i]! },
  }),
);

/** Sum of (start - accuracy) over the curve, divided by one more than its points: the paper's AOPC and divisor. */
export function areaOver(curve: readonly number[], start: number): number {
  return curve.reduce((sum, accuracy) => sum + start - accuracy, 0) / (curve.length + 1);
}

/** Which of the paper's explainers a study's label means; null when neither. */
export function paperExplainer(label: string | null): PaperExplainer | null {
  if (label === null) return null;
  const name = label.split('/').at(-1)!;
  if (/^(integrated-gradients|ig)\b/i.test(name)) return 'ig';
  if (/^(saliency|vanilla|vg)\b/i.test(name)) return 'vg';
  return null;
}
