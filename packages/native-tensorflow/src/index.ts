export { dataTypes, type OpAttribute, type TensorFlowBinding, type TensorHandle } from './addon.ts';
export { loadBinding, type NativeTensorFlow } from './binding.ts';
export { cpuFlags } from './cpu.ts';
export { engine } from './engine.ts';
export { installNative, type NativeInstallResult } from './install/install.ts';
