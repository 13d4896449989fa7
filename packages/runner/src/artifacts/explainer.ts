import type { ExplainerValue } from '../artifact-kinds.ts';
import type { Codec } from './codec.ts';

type ExplainerJson = Omit<ExplainerValue, 'explainer'>;

/** An explainer is kept as what creates it again; its code is part of what it is. */
export const explainerCodec: Codec<'explainer'> = {
  pack({ madeBy, code }) {
    const json: ExplainerJson = { madeBy, code };
    return { json, blobs: new Map() };
  },
  async unpack({ json }, opener) {
    const { madeBy, code } = json as ExplainerJson; // written by pack, verified by the store
    return { explainer: await opener.explainer(madeBy), madeBy, code };
  },
};
