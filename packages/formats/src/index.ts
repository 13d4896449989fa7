export { readNpy, writeNpy } from './npy.ts';
export { readSafetensors, type Safetensors, safetensorsShapes } from './safetensors/read-safetensors.ts';
export { writeSafetensors } from './safetensors/write-safetensors.ts';
