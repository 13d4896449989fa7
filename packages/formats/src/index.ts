export { bfloat16Bits, float16Bits } from './half-bits.ts';
export { readNpy, writeNpy } from './npy.ts';
export { readNpz } from './npz.ts';
export { bfloat16ToFloat32, float16ToFloat32 } from './safetensors/element-types.ts';
export { readSafetensors, type Safetensors, safetensorsShapes } from './safetensors/read-safetensors.ts';
export { writeSafetensors } from './safetensors/write-safetensors.ts';
