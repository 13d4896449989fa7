import { type ConceptBank, expectFinite, type Labelled, type NdArray, ndArray } from '@espalier/core';
import { readSafetensors, writeSafetensors } from '@espalier/formats';
import type { Codec } from './codec.ts';

const arrays = {
  ...{ dictionary: 'r d', offset: 'd', codes: 'p r', maps: 'n h w r', importance: 'n r', importanceError: 'n r' },
} as const;

type ArrayName = keyof typeof arrays;
const arrayNames = Object.keys(arrays) as readonly ArrayName[]; // the record's own keys

type BankJson = Omit<ConceptBank, ArrayName | 'children'> & {
  readonly children: readonly { readonly concept: number; readonly bank: BankJson }[];
};

type LabelledJson = Labelled<BankJson>;

/** All arrays of all banks in one safetensors file, named by place (`0/2/codes`); the rest as JSON. */
export const conceptsCodec: Codec<'concepts'> = {
  pack(banks) {
    const tensors = new Map<string, NdArray>();
    const json = banks.map(
      ({ label, preset, ...bank }, index): LabelledJson => ({ label, preset, ...jsonOf(bank, `${index}`, tensors) }),
    );
    return { json, blobs: new Map([['arrays.safetensors', writeSafetensors(tensors)]]) };
  },
  async unpack({ json, blob }) {
    const { tensors } = readSafetensors(await blob('arrays.safetensors'), 'arrays.safetensors');
    const banks = json as readonly LabelledJson[]; // written by pack
    return banks.map(({ label, preset, ...bank }, index) => ({ label, preset, ...bankOf(bank, `${index}`, tensors) }));
  },
};

function jsonOf(bank: ConceptBank, place: string, tensors: Map<string, NdArray>): BankJson {
  for (const name of arrayNames) {
    const array: NdArray | undefined = bank[name];
    if (!array) continue;
    expectFinite(array.data, `the ${name} of the concepts of class ${bank.classIndex} at "${bank.layer}"`);
    tensors.set(`${place}/${name}`, array);
  }
  const { dictionary, offset, codes, maps, importance, importanceError, children, ...rest } = bank;
  return {
    ...rest,
    children: children.map((child, index) => ({ ...child, bank: jsonOf(child.bank, `${place}/${index}`, tensors) })),
  };
}

function bankOf(json: BankJson, place: string, tensors: ReadonlyMap<string, NdArray>): ConceptBank {
  const read = arrayNames.flatMap((name) => {
    const array = tensors.get(`${place}/${name}`); // written by pack, verified by the store
    return array ? [[name, ndArray(arrays[name], array.shape, array.data)] as const] : [];
  });
  const children = json.children.map((child, index) => {
    return { ...child, bank: bankOf(child.bank, `${place}/${index}`, tensors) };
  });
  return { ...json, ...(Object.fromEntries(read) as Pick<ConceptBank, ArrayName>), children }; // all of them, of their axes
}
