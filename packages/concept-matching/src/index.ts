export { type CodedCrops, codeSimilarity, type Similarity, scoredTogether } from './code-similarity.ts';
export { type Lineage, type Match, matchConcepts } from './match-concepts.ts';
