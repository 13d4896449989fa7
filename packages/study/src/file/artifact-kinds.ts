/** Every kind of what passes along an edge. */
export const artifactKinds = ['split', 'model', 'attributions', 'explainer', 'concepts', 'scores', 'files'] as const;

/** What passes along an edge. */
export type ArtifactKind = (typeof artifactKinds)[number];
