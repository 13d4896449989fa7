import { coherence } from './coherence/coherence.ts';
import { completeness } from './completeness.ts';
import { distinctness } from './distinctness.ts';
import { ablation } from './lineage/ablation.ts';
import { lineage } from './lineage/lineage.ts';
import { reconstruction } from './reconstruction.ts';
import { recovery } from './recovery.ts';
import { stability } from './stability.ts';

export { type Embeddings, pairSimilarity } from './coherence/pair-similarity.ts';
export { pixelEmbeddings } from './coherence/pixel-embedding.ts';
export { enlargedMap } from './enlarged-map.ts';
export { areaUnderCurve, overlap, type RankedMap, rankMap } from './ranked-map.ts';
export { ofBestConcept } from './recovery.ts';
export { ablation, coherence, completeness, distinctness, lineage, reconstruction, recovery, stability };

/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';

/** What this package offers to a study. */
export const plugins = [
  coherence,
  distinctness,
  reconstruction,
  completeness,
  stability,
  lineage,
  ablation,
  recovery,
] as const;
