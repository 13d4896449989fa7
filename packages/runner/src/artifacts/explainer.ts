import type { ExplainerValue } from './artifact-kinds.ts';
import type { Codec } from './codec.ts';

type ExplainerJson = Omit<ExplainerValue, 'explainer'>;

/** An explainer is kept as what creates it again. */
export const explainerCodec: Codec<'explainer'> = {
  pack({ label, madeBy }) {
    const json: ExplainerJson = { label, madeBy };
    return { json, blobs: new Map() };
  },
  async unpack({ json }, opener) {
    const { label, madeBy } = json as ExplainerJson; // written by pack, verified by the store
    return { explainer: await opener.explainer(madeBy), label, madeBy };
  },
};
