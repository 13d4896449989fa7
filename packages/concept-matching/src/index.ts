export { type CodedCrops, codeSimilarity, type Similarity } from './code-similarity.ts';
export { type Lineage, type Match, matchConcepts } from './match-concepts.ts';
