/** The ten WordNet ids of ImageNette in label order, which is their sorted order, and what they mean. */
export const imagenetteClasses = [
  { wnid: 'n01440764', name: 'tench' },
  { wnid: 'n02102040', name: 'English springer' },
  { wnid: 'n02979186', name: 'cassette player' },
  { wnid: 'n03000684', name: 'chain saw' },
  { wnid: 'n03028079', name: 'church' },
  { wnid: 'n03394916', name: 'French horn' },
  { wnid: 'n03417042', name: 'garbage truck' },
  { wnid: 'n03425413', name: 'gas pump' },
  { wnid: 'n03445777', name: 'golf ball' },
  { wnid: 'n03888257', name: 'parachute' },
] as const;

export const classNames: readonly string[] = imagenetteClasses.map(({ name }) => name);
