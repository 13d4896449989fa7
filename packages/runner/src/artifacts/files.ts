import type { Codec } from './codec.ts';

/** Files as they are, by name. */
export const filesCodec: Codec<'files'> = {
  pack: (files) => ({ json: { names: [...files.keys()] }, blobs: files }),
  async unpack({ json, blob }) {
    const { names } = json as { names: readonly string[] }; // written by pack, verified by the store
    return new Map(await Promise.all(names.map(async (name) => [name, await blob(name)] as const)));
  },
};
