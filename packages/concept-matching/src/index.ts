export { type CodedCrops, codeSimilarity, type Similarity, scoredTogether } from './code-similarity.ts';
export { correlation } from './correlation.ts';
export { type Lineage, type Match, matchConcepts } from './match-concepts.ts';
