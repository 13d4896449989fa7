import { model } from './model/onnx-plugin.ts';

export { exportOnnx } from './write/export-onnx.ts';
export { model };

/** What this package offers to a study. */
export const plugins = [model] as const;
