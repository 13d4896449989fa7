/** For tests of what computes: the engines that are here, and one that is slow and obvious. */

export { freshWasm } from './fresh-wasm.ts';
export { slowOps } from './slow/slow-ops.ts';
export { engines } from './tested-engines.ts';
