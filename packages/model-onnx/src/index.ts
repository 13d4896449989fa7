import { model } from './model/onnx-plugin.ts';

export { exportOnnx } from './write/export-onnx.ts';
export { model };

/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';

/** What this package offers to a study. */
export const plugins = [model] as const;
